import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/nn/safetensors';

/** A file with this header (an object, or raw text) and these numbers. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function bytesOf(...arrays: ArrayBufferView[]): Uint8Array {
  return Uint8Array.from(
    arrays.flatMap((array) => [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)]),
  );
}

test('what is written is read again, whatever the names, shapes and numbers', () => {
  const array = fc
    .tuple(fc.array(fc.nat(3), { maxLength: 4 }), fc.string({ minLength: 1 }))
    .chain(([shape, name]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return fc
        .float32Array({ minLength: size, maxLength: size })
        .map((data) => ({ name: `p.${name}`, shape, data }));
    });
  fc.assert(
    fc.property(fc.uniqueArray(array, { selector: ({ name }) => name, maxLength: 5 }), (arrays) => {
      expect(readSafetensors(writeSafetensors(arrays))).toEqual(arrays);
      expect(readSafetensors(writeSafetensors(arrays, { made: 'by a test' }))).toEqual(arrays);
    }),
  );
});

test('numbers begin at a multiple of 8 bytes, as the format asks', () => {
  const bytes = writeSafetensors([{ name: 'a', shape: [1], data: Float32Array.of(1) }]);
  expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
});

test('half, brain and double precision become float32; 64-bit counters are left out', () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x7c00, 0x8000);
  const brains = Uint16Array.of(0x3f80, 0xc000, 0x3eab);
  const doubles = Float64Array.of(1 / 3, -2);
  const counter = BigInt64Array.of(7n);
  const header = {
    __metadata__: { format: 'pt' },
    half: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] },
    brain: { dtype: 'BF16', shape: [3], data_offsets: [12, 18] },
    double: { dtype: 'F64', shape: [2], data_offsets: [18, 34] },
    'bn.num_batches_tracked': { dtype: 'I64', shape: [], data_offsets: [34, 42] },
  };
  const arrays = readSafetensors(file(header, bytesOf(halves, brains, doubles, counter)));
  expect(arrays.map(({ name, shape }) => [name, shape])).toEqual([
    ['half', [2, 3]],
    ['brain', [3]],
    ['double', [2]],
  ]);
  expect([...arrays[0]!.data]).toEqual([1, -2, 0.333251953125, 2 ** -24, Infinity, -0]);
  expect([...arrays[1]!.data]).toEqual([1, -2, 0.333984375]);
  expect([...arrays[2]!.data]).toEqual([Math.fround(1 / 3), -2]);
});

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
const four = new Uint8Array(4);
const faults: [what: string, bytes: Uint8Array, message: RegExp][] = [
  ['an empty file', new Uint8Array(), /shorter than 8 bytes/],
  ['a header that is longer than the file', file({ a: one }).subarray(0, 20), /cut off/],
  ['a header length of 2^63', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80), /cut off/],
  ['a picture', new TextEncoder().encode('\x89PNG\r\n\x1a\nIHDR and so on'), /cut off/],
  ['a header that is no JSON', file('{"a":'), /header cannot be read/],
  ['a header that is a list', file('[]'), /header cannot be read/],
  ['an entry without offsets', file({ a: { dtype: 'F32', shape: [1] } }), /“a” in a way/],
  ['a negative side', file({ a: { ...one, shape: [-1] } }, four), /“a” in a way/],
  ['a null entry', file({ a: null }), /“a” in a way/],
  ['numbers beyond the end', file({ a: one }, new Uint8Array(3)), /cut off: “a”/],
  ['offsets that run backwards', file({ a: { ...one, data_offsets: [4, 0] } }, four), /“a”/],
  ['a shape of another size', file({ a: { ...one, shape: [2] } }, four), /“a” a shape/],
  ['an unknown type', file({ a: { ...one, dtype: 'F8_E4M3' } }, four), /“a” is stored as F8_E4M3/],
  ['a type named like a built-in', file({ a: { ...one, dtype: 'constructor' } }, four), /stored as/],
];

test.each(faults)('%s is refused with a sentence', (_, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(message);
});

test('many entries over the same bytes are refused before room is made for any of them', () => {
  const megabyte = new Uint8Array(1 << 20);
  const entry = { dtype: 'F32', shape: [1 << 18], data_offsets: [0, 1 << 20] };
  const header = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`layer${i}`, entry]));
  const made = vi.spyOn(globalThis, 'Float32Array');
  try {
    expect(() => readSafetensors(file(header, megabyte))).toThrow(/“layer0” and “layer1” the same bytes/);
    expect(made).not.toHaveBeenCalled();
  } finally {
    made.mockRestore();
  }
});

test.each([
  ['by one number', [0, 8], [4, 12]],
  ['the inner one after the outer one', [0, 12], [4, 8]],
  ['in the order of the header reversed', [4, 12], [0, 8]],
])('ranges that overlap %s are refused', (_, a, b) => {
  const entry = (range: number[]) => ({
    dtype: 'F32',
    shape: [(range[1]! - range[0]!) / 4],
    data_offsets: range,
  });
  expect(() => readSafetensors(file({ a: entry(a), b: entry(b) }, new Uint8Array(12)))).toThrow(
    /the same bytes/,
  );
});

test('entries in any order, empty ones and gaps between them are read', () => {
  const numbers = Float32Array.of(1, 2, 3, 4);
  const header = {
    last: { dtype: 'F32', shape: [1], data_offsets: [12, 16] },
    none: { dtype: 'F32', shape: [0, 5], data_offsets: [4, 4] },
    first: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
  };
  const arrays = readSafetensors(file(header, bytesOf(numbers)));
  expect(arrays.map(({ name, data }) => [name, ...data])).toEqual([['last', 4], ['none'], ['first', 1, 2]]);
});
