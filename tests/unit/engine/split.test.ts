/** Calls of kernels in parts: each part by itself, in any order, gives the bits of the whole call. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelsOf, wasmBackend, type KernelName } from '../../../src/engine/wasm/launch';
import { partsOf } from '../../../src/engine/wasm/threads/split';
import { withSharedMemory } from '../../../src/engine/wasm/threads/shared-memory';
import { RandomStream } from '../../../src/random/streams';
import { useWasm } from '../../support/wasm-in-node';

const random = RandomStream.fork(1, 'split');
const taken: number[] = [];

function take(numbers: number): number {
  const pointer = wasmBackend().wasm._malloc(4 * numbers + 64) >>> 0;
  taken.push(pointer);
  return pointer;
}
const view = (pointer: number, numbers: number) =>
  new Float32Array(wasmBackend().wasm.asm.memory.buffer, pointer, numbers);

beforeAll(useWasm);
afterAll(() => taken.forEach((pointer) => wasmBackend().wasm._free(pointer)));

/** Operands: numbers as they are; what is read and what is written, by how many numbers. */
type Given = number | { reads: number } | { writes: number } | { picks: number; of: number };
const reads = (numbers: number): Given => ({ reads: numbers });
const writes = (numbers: number): Given => ({ writes: numbers });
const picks = (count: number, of: number): Given => ({ picks: count, of });

const [B, H, C, U] = [13, 12, 10, 20];
const [inner, outer] = [H * H * C, 6 * 6 * U];
/** 3x3 with stride 2 and padding 1. */
const conv = [B, H, H, C, 3, 3, U, 2, 2, 1, 1, 6, 6];
/** 3x3 by tiles of 2x2. */
const tiled = [B, H, H, 16, 3, 3, 24, 1, 1, 1, 1, H, H];
const [tiledInner, tiledOuter] = [H * H * 16, H * H * 24];
const pool = [40, H, H, C, 2, 2, 2, 2, 0, 0, 6, 6];
const pooled = 40 * 36 * C;
const scratch = reads(200_000);
const rows = 5003;
const many = 90_001;
const [batch, classes] = [67, 400];

const calls: [KernelName, Given[]][] = [
  ['convolution', [reads(B * inner), reads(9 * C * U), 0, writes(B * outer), scratch, ...conv]],
  ['inputGradient', [reads(B * outer), reads(9 * C * U), writes(B * inner), scratch, ...conv]],
  ['filterGradient', [reads(B * inner), reads(B * outer), writes(9 * C * U), scratch, ...conv, 0, 3 * 8 * 3]],
  [
    'convolution',
    [reads(B * tiledInner), reads(9 * 384), reads(24), writes(B * tiledOuter), scratch, ...tiled],
  ],
  ['inputGradient', [reads(B * tiledOuter), reads(9 * 384), writes(B * tiledInner), scratch, ...tiled]],
  [
    'filterGradient',
    [reads(B * tiledInner), reads(B * tiledOuter), writes(9 * 384), scratch, ...tiled, 0, 4 * 3],
  ],
  ['pickedProducts', [reads(B * 30), reads(99 * 30), picks(B * 1001, 99), writes(B * 1001), B, 30, 1001]],
  ['pickedSums', [reads(B * 1001), reads(99 * 30), picks(B * 1001, 99), writes(B * 30), B, 30, 1001]],
  ['maxPool', [reads(40 * inner), writes(pooled), ...pool]],
  ['maxPoolGradient', [reads(40 * inner), reads(pooled), writes(40 * inner), ...pool]],
  [
    'normStatistics',
    [reads(rows * C), reads(C), reads(C), writes(4 * C), writes(C), writes(C), rows, C, 0, C],
  ],
  [
    'normParameterGradients',
    [reads(rows * C), reads(rows * C), reads(4 * C), writes(C), writes(C), rows, C, 1, 0, C],
  ],
  ['normalise', [reads(rows * C), reads(4 * C), writes(rows * C), rows, C, 1]],
  [
    'normInputGradient',
    [reads(rows * C), reads(rows * C), reads(4 * C), reads(C), reads(C), writes(rows * C), rows, C, 1, rows],
  ],
  ['relu', [reads(many), writes(many), many]],
  ['mask', [reads(many), reads(many), writes(many), many]],
  ['plus', [reads(many), reads(many), writes(many), many]],
  ['times', [reads(many), 0.3, writes(many), many]],
  ['plusRow', [reads(rows * C), reads(C), writes(rows * C), rows, C]],
  ['placeMeans', [reads(B * 90 * 64), writes(B * 64), B, 90, 64]],
  ['spread', [reads(B * 64), writes(B * 90 * 64), B, 90, 64]],
  ['crossEntropy', [reads(batch * classes), reads(batch * classes), writes(batch), batch, classes]],
  [
    'crossEntropyGradient',
    [reads(batch), reads(batch * classes), reads(batch * classes), writes(batch * classes), batch, classes],
  ],
  [
    'temperatureKl',
    [reads(batch * classes), reads(batch * classes), reads(1), writes(batch), batch, classes],
  ],
  [
    'temperatureKlGradient',
    [
      reads(batch),
      reads(batch * classes),
      reads(batch * classes),
      reads(1),
      writes(batch * classes),
      batch,
      classes,
    ],
  ],
  ['squaredDistance', [reads(many), reads(many), writes(9), 9, 10_000]],
  ['squaredDistanceGradient', [reads(9), reads(many), reads(many), writes(90_000), 9, 10_000]],
];

for (const [kernel, given] of calls)
  test(`${kernel}: its parts give the bits of the whole`, () => {
    const outputs: [pointer: number, numbers: number][] = [];
    const operands = given.map((one) => {
      if (typeof one === 'number') return one;
      const size = 'reads' in one ? one.reads : 'writes' in one ? one.writes : one.picks;
      const pointer = take(size);
      if ('writes' in one) outputs.push([pointer, size]);
      else if ('of' in one) {
        const numbers = new Uint32Array(wasmBackend().wasm.asm.memory.buffer, pointer, size);
        for (let n = 0; n < size; n++) numbers[n] = random.below(one.of);
      } else for (let n = 0; n < size; n++) view(pointer, size)[n] = 0.2 + Math.abs(random.normal());
      return pointer;
    });
    const results = () => outputs.map(([pointer, numbers]) => view(pointer, numbers).slice());
    const call = kernelsOf(wasmBackend())[kernel];
    call(...operands);
    const whole = results();
    for (const [pointer, numbers] of outputs) view(pointer, numbers).fill(Number.NaN);
    const parts = partsOf(kernel, operands, 3)!;
    expect(parts.operands).toHaveLength(3);
    for (const part of parts.operands.toReversed()) call(...part);
    expect(results()).toEqual(whole);
  });

test('an image has the same bits alone as among others', () => {
  for (const [side, channels, units] of [
    [2, 8, 12],
    [5, 3, 20],
    [8, 16, 8],
    [2, 8, 16],
  ] as const) {
    const images = 7;
    const geometry = (batch: number) => [batch, side, side, channels, 3, 3, units, 1, 1, 1, 1, side, side];
    const filled = images * side * side * Math.max(channels, units);
    const [from, filter, bias, to] = [take(filled), take(9 * channels * units), take(units), take(filled)];
    for (const [pointer, length] of [
      [from, filled],
      [filter, 9 * channels * units],
      [bias, units],
    ] as const)
      for (let n = 0; n < length; n++) view(pointer, length)[n] = random.normal();
    const kernels = kernelsOf(wasmBackend());
    const room = take(kernels.scratchBytes(...geometry(images)) / 4);
    const outcome = (call: (image: number, batch: number) => void, numbers: number) => {
      call(0, images);
      const whole = view(to, images * numbers).slice();
      for (let image = 0; image < images; image++) call(image, 1);
      expect(view(to, images * numbers).slice()).toEqual(whole);
    };
    const [inner, outer] = [4 * side * side * channels, 4 * side * side * units];
    outcome(
      (image, batch) =>
        kernels.convolution(from + image * inner, filter, bias, to + image * outer, room, ...geometry(batch)),
      outer / 4,
    );
    outcome(
      (image, batch) =>
        kernels.inputGradient(from + image * outer, filter, to + image * inner, room, ...geometry(batch)),
      inner / 4,
    );
  }
});

test('what is small, or writes where it reads, is not split', () => {
  expect(partsOf('relu', [0, 4096, 100], 4)).toBeNull();
  expect(partsOf('relu', [4096, 4096, many], 4)).toBeNull();
  expect(partsOf('updateSgd', [0, 4096, 8192, 16384, many], 4)).toBeNull();
});

test('a module is made to share its memory only if that has a limit', () => {
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const own = (flag: number) => Uint8Array.from([...header, 5, 4, 1, flag, 1, 2]);
  const withImports = Uint8Array.from(
    // The type of a function; a function, a table, a global and a memory of another module.
    [
      ...header,
      1,
      4,
      1,
      0x60,
      0,
      0,
      2,
      25,
      4,
      1,
      97,
      1,
      102,
      0,
      0,
      1,
      97,
      1,
      116,
      1,
      0x70,
      0,
      1,
      1,
      97,
      0,
      3,
      0x7f,
      0,
      1,
      97,
      1,
      109,
      2,
      1,
      1,
      2,
    ],
  );
  withImports[15] = withImports.length - 16;
  for (const module of [own(1), withImports]) {
    expect(WebAssembly.validate(module)).toBe(true);
    const shared = withSharedMemory(module);
    expect(WebAssembly.validate(shared)).toBe(true);
    expect(shared.reduce((changed, byte, n) => changed + Number(byte !== module[n]), 0)).toBe(1);
  }
  expect(() => withSharedMemory(own(0))).toThrow('no memory with a limit');
  expect(() => withSharedMemory(Uint8Array.from(header))).toThrow('no memory with a limit');
});
