/** Files of answers as other programs write them, in memory. */
import { zipSync } from 'fflate';

type Typed = Float32Array | Float64Array | Int32Array | BigInt64Array;

const descriptions = new Map<unknown, string>([
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
  [Int32Array, '<i4'],
  [BigInt64Array, '<i8'],
]);

/** As `numpy.save` writes it. */
export function npyOf(
  values: Typed | readonly string[],
  shape: readonly number[],
  fortran = false,
): Uint8Array {
  const isText = Array.isArray(values);
  const texts = isText ? (values as readonly string[]) : [];
  const longest = Math.max(1, ...texts.map((text) => text.length));
  const descr = isText ? `<U${longest}` : descriptions.get(values.constructor)!;
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const body = isText
    ? new Uint8Array(4 * longest * texts.length)
    : new Uint8Array((values as Typed).buffer.slice(0));
  if (isText) {
    const view = new DataView(body.buffer);
    texts.forEach((text, i) =>
      [...text].forEach((letter, at) => view.setUint32(4 * (i * longest + at), letter.codePointAt(0)!, true)),
    );
  }
  const out = new Uint8Array(10 + header.length + body.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  out.set(body, 10 + header.length);
  return out;
}

export function npzOf(arrays: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));
}

export const textOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const csvOf = (
  head: readonly string[] | null,
  rows: readonly (readonly (string | number)[])[],
): Uint8Array => textOf([...(head ? [head] : []), ...rows].map((row) => row.join(',')).join('\n'));
