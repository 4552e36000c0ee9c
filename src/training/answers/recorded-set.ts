/** Answers that this page computed name the set that they are of, whose rows another set of the same size would be taken for. */
import type { Dataset } from '../../data/dataset';
import type { WeightFile } from '../../nn/read-weights';
import { readSafetensorsMetadata } from '../../nn/safetensors';
import { digestOf } from '../../storage/digest';
import { AnswersProblem } from './answer-parts';

const key = 'set';

/** For the file: a digest of the names and targets of the set. */
export async function metadataOf({ train, test, target }: Dataset): Promise<Record<string, string>> {
  const about = JSON.stringify({ names: target.names, train: train.count, test: test.count });
  const targets = [train, test].map(
    ({ targets: { values } }) => new Uint8Array(values.slice().buffer as ArrayBuffer, 0, values.byteLength),
  );
  return { [key]: await digestOf([new TextEncoder().encode(about), ...targets]) };
}

/** @throws AnswersProblem where a file says that it is of another set */
export async function refuseOtherSet(files: readonly WeightFile[], dataset: Dataset): Promise<void> {
  for (const { path, bytes } of files) {
    if (!/\.safetensors$/i.test(path)) continue;
    const said = readSafetensorsMetadata(bytes)[key];
    if (said !== undefined && said !== (await metadataOf(dataset))[key])
      throw new AnswersProblem(
        `“${path}” holds a model’s answers on another set than “${dataset.title}”. Choose the model again, so that it is asked about this one.`,
      );
  }
}
