import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/storage/digest';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { StorageFault } from '../../../src/storage/faults';
import { pack, packParts, unpack } from '../../../src/storage/pack';
import type { RunEvent } from '../../../src/training/events';

const typed = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int32Array(),
  fc.uint8Array(),
  fc.uint16Array(),
  fc.bigInt64Array(),
);
const leaf = fc.oneof(
  fc.double(),
  fc.string(),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Infinity, -Infinity),
  typed,
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'v')), tie('value')),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    fc.array(leaf).map((items) => new Set(items)),
  ),
}));

function faultKind(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof StorageFault ? error.kind : String(error);
  }
}

describe('packed data', () => {
  it('are what was packed, to the last bit', () => {
    fc.assert(
      fc.property(value, (data) => {
        expect(unpack(pack(data))).toStrictEqual(structuredClone(data));
      }),
    );
  });

  it('are copies', () => {
    const weights = Float32Array.of(1, 2, 3);
    const bytes = pack({ weights });
    weights[0] = 9;
    expect(unpack(bytes)).toEqual({ weights: Float32Array.of(1, 2, 3) });
  });

  it('tell when they are cut off, and never answer with something else', () => {
    const bytes = pack({ name: 'run', weights: Float32Array.from({ length: 50 }, (_, i) => i) });
    for (let length = 0; length < bytes.length; length += 7)
      expect(faultKind(() => unpack(bytes.subarray(0, length)))).toBe('damaged');
    const newer = bytes.slice();
    newer[4] = 99;
    expect(faultKind(() => unpack(newer))).toBe('newer');
  });

  it('tell when arrays lie over each other, and read no number of thousands of digits', () => {
    const made = (header: string, body: Uint8Array) => {
      const text = new TextEncoder().encode(header);
      const head = new Uint8Array(Math.ceil((16 + text.length) / 8) * 8);
      const bytes = new Uint8Array(head.length + body.length);
      bytes.set(pack(0).subarray(0, 8));
      new DataView(bytes.buffer).setUint32(8, text.length, true);
      bytes.set(text, 16);
      bytes.set(body, head.length);
      return bytes;
    };
    const body = new Uint8Array(1024);
    const one = '{"$":"Uint8Array","at":0,"n":1024}';
    expect(unpack(made(`[${one}]`, body))).toEqual([body]);
    expect(faultKind(() => unpack(made(`[${one},${one}]`, body)))).toBe('damaged');
    const overlapping = '{"$":"Uint8Array","at":1000,"n":24}';
    expect(faultKind(() => unpack(made(`[${one},${overlapping}]`, body)))).toBe('damaged');
    const long = `{"$":"bigint","v":"${'9'.repeat(100_000)}"}`;
    expect(faultKind(() => unpack(made(long, body)))).toBe('damaged');
  });

  it('refuse what is no data', () => {
    expect(() => pack({ act: () => 1 })).toThrow(TypeError);
    expect(() => pack(new Date())).toThrow(TypeError);
  });
});

it('a digest does not depend on how the bytes are cut', async () => {
  const bytes = new Uint8Array(20_000_003).map((_, i) => (i * 31) >> 3);
  const whole = await digestOf([bytes]);
  expect(
    await digestOf([bytes.subarray(0, 5), bytes.subarray(5, 9_000_000), bytes.subarray(9_000_000)]),
  ).toBe(whole);
  expect(await digestOf([bytes.subarray(1)])).not.toBe(whole);
  expect(await digestOf(packParts({ a: Float32Array.of(1) }))).toBe(
    await digestOf([pack({ a: Float32Array.of(1) })]),
  );
});

describe('the log of events', () => {
  const step = (at: number, values: Record<string, number>, phase: 'teacher' | 'student' = 'student') =>
    ({ type: 'step', phase, step: at, learningRate: 0.1 / at, values }) satisfies RunEvent;
  const heard: RunEvent[] = [
    { type: 'phase', phase: 'student', steps: 4, text: 'The student is trained.' },
    step(1, { total: 1.1, ce: Math.fround(0.3) }),
    step(2, { total: Number.NaN, ce: Math.fround(0.2) }),
    { type: 'knob', phase: 'student', step: 3, path: 'a', label: 'A', from: 1, to: 2 },
    step(3, { total: -0, ce: 0.5 }),
    step(4, { total: 1, 'meta/before': 0.1 }),
    { type: 'warning', step: 4, text: 'Hm.' },
  ];

  it('holds every number as it was told', () => {
    expect(eventsOf(entriesOf(heard))).toStrictEqual(heard);
  });

  it('is columns for steps in a row, drops speeds and keeps the newest of each picture', () => {
    const speed: RunEvent = { type: 'speed', stepsPerSecond: 9, tensors: 1, bytes: 1 };
    const steps = Array.from({ length: 50 }, (_, i) => step(i + 1, { total: i }));
    expect(entriesOf(steps.flatMap((event) => [event, speed]))).toHaveLength(1);
    const look = (title: string, at: number) =>
      ({
        type: 'views',
        phase: 'student',
        step: at,
        views: [{ view: 'answers', title }],
      }) as unknown as RunEvent;
    expect(entriesOf([look('a', 1), look('b', 1), look('a', 2)])).toEqual([look('b', 1), look('a', 2)]);
  });
});
