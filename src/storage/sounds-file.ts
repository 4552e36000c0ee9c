/**
 * Sounds behind the pictures of a set, in a file beside it: a packed list (`pack.ts`), then all samples one after the
 * other. They are found by the name of their row, so that a set that was changed by hand keeps them.
 */
import * as z from 'zod/mini';
import type { KeptSounds } from '../data/dataset';
import { PackedArray, packParts, unpackOutline } from './pack';

const version = 1;
const bytesOfSample = Int16Array.BYTES_PER_ELEMENT;

const list = z.object({
  version: z.literal(version),
  names: z.array(z.string()),
  rates: z.instanceof(PackedArray),
  counts: z.instanceof(PackedArray),
});

export function packSounds({ names, rates, counts, samples }: KeptSounds): Blob {
  const about = { version, names, rates: Float64Array.from(rates), counts: Float64Array.from(counts) };
  return new Blob([...packParts(about), samples]);
}

export interface SoundsOfSet {
  /** A sound by the name of its row; null where there is none. The samples are read when it is asked for. */
  find(name: string): Promise<Sound | null>;
}

export interface Sound {
  /** Samples a second. */
  rate: number;
  /** -1..1 */
  samples: Float32Array<ArrayBuffer>;
}

/** @returns null where the file is damaged or newer than this page: a set is whole without it */
export async function openSounds(file: Blob): Promise<SoundsOfSet | null> {
  try {
    const { names, rates, counts } = list.parse(await unpackOutline(file));
    const [perSecond, lengths] = await Promise.all([rates.read(file), counts.read(file)]).then((arrays) =>
      arrays.map((array) => Array.from(array as Float64Array)),
    );
    const total = lengths!.reduce((sum, length) => sum + length, 0);
    const areSound =
      perSecond!.length === names.length &&
      lengths!.length === names.length &&
      lengths!.every((length) => Number.isInteger(length) && length >= 0) &&
      perSecond!.every((rate) => rate > 0) &&
      total * bytesOfSample < file.size;
    if (!areSound) return null;
    const places = new Map<string, { rate: number; at: number; length: number }>();
    let at = file.size - total * bytesOfSample;
    for (const [i, name] of names.entries()) {
      const length = lengths![i]!;
      places.set(name, { rate: perSecond![i]!, at, length });
      at += length * bytesOfSample;
    }
    return {
      async find(name) {
        const place = places.get(name);
        if (!place) return null;
        const bytes = await file.slice(place.at, place.at + place.length * bytesOfSample).arrayBuffer();
        return {
          rate: place.rate,
          samples: Float32Array.from(new Int16Array(bytes), (value) => value / 32_767),
        };
      },
    };
  } catch {
    return null;
  }
}
