/** Whether files hold answers, seen from their names and heads alone. */
import { unzipSync } from 'fflate';
import type { Dataset } from '../../data/dataset';
import type { WeightFile } from '../../nn/read-weights';
import { readSafetensorsShapes } from '../../nn/safetensors';

const endings = /\.(npy|npz|csv|tsv|txt|parquet)$/i;

/** @returns false also for files that are neither answers nor weights */
export function holdAnswers(files: readonly WeightFile[], { train, test }: Dataset): boolean {
  const counts = [train.count, test.count, train.count + test.count];
  return (
    files.length > 0 &&
    files.every(({ path, bytes }) => {
      if (endings.test(path)) return true;
      if (/\.safetensors$/i.test(path)) return areRows(bytes, counts);
      return /\.zip$/i.test(path) && zipped(bytes).some((name) => endings.test(name));
    })
  );
}

/** Whether a safetensors file has an array with a row for each instance, and no weights. */
function areRows(bytes: Uint8Array, counts: readonly number[]): boolean {
  try {
    const arrays = readSafetensorsShapes(bytes);
    const isWeight = ({ name }: { name: string }) => /\.(weight|bias)$/.test(name);
    return !arrays.some(isWeight) && arrays.some(({ shape }) => counts.includes(shape[0]!));
  } catch {
    return false;
  }
}

/** Names of the files in a zip, none of which is unpacked; none where it cannot be read. */
function zipped(bytes: Uint8Array): string[] {
  const names: string[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        names.push(name);
        return false;
      },
    });
  } catch {
    return [];
  }
  return names;
}
