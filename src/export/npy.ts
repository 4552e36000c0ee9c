/** NumPy arrays: `.npy`, and several of them packed as `.npz`. */
import { zipSync } from 'fflate';

export interface NumpyArray {
  shape: readonly number[];
  values: Float32Array | Int32Array | readonly string[];
}

/** Format 1.0: a dictionary as text, padded so that the data begin at a multiple of 64. */
function npy({ shape, values }: NumpyArray): Uint8Array {
  const texts = ArrayBuffer.isView(values) ? null : values.map((text) => Array.from(text));
  const longest = Math.max(1, ...(texts ?? []).map(({ length }) => length));
  const type = texts ? `<U${longest}` : values instanceof Float32Array ? '<f4' : '<i4';
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`);
  const data = texts ? textBytes(texts, longest) : bytesOf(values as Float32Array | Int32Array);
  const out = new Uint8Array(10 + length + data.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  out.set(header, 10);
  out.set(data, 10 + length);
  return out;
}

/** Little-endian. */
function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  const isFloat = values instanceof Float32Array;
  values.forEach((value, i) =>
    isFloat ? view.setFloat32(4 * i, value, true) : view.setInt32(4 * i, value, true),
  );
  return bytes;
}

/** Four-byte code points, padded with zeros. */
function textBytes(texts: readonly (readonly string[])[], longest: number): Uint8Array {
  const bytes = new Uint8Array(4 * longest * texts.length);
  const view = new DataView(bytes.buffer);
  texts.forEach((letters, i) =>
    letters.forEach((letter, at) => view.setUint32(4 * (i * longest + at), letter.codePointAt(0)!, true)),
  );
  return bytes;
}

/** As `numpy.savez_compressed` writes them. */
export function npz(arrays: Readonly<Record<string, NumpyArray>>): Uint8Array<ArrayBuffer> {
  return zipSync(
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)])),
  ) as Uint8Array<ArrayBuffer>;
}
