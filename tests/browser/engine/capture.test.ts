/** Capture and replay on small steps: what is refused, what is noticed, and that nothing is left behind. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import {
  CannotCapture,
  captureAvailability,
  captureStep,
  liveScalar,
  liveTensor,
} from '../../../src/engine/capture/capture';
import { tf, type Scalar, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RawKernel, RetortBackend } from '../../../src/engine/webgpu-backend';

beforeAll(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});

const disposals: (() => void)[] = [];
afterEach(() => {
  disposals.splice(0).forEach((dispose) => dispose());
});

/** Disposed after the test. */
function own<T extends { dispose(): void }>(thing: T): T {
  disposals.push(() => thing.dispose());
  return thing;
}

function weightsOf(...values: number[]): tf.Variable {
  return own(tf.tidy(() => tf.variable(tf.tensor1d(values))));
}

/** The only output of the next replay. */
async function next(graph: ReturnType<typeof captureStep>): Promise<number[]> {
  return Array.from(Object.values((await graph.replay())!)[0]!);
}

test('the self-test says that capture works', async () => {
  await withValidation(async () => {
    expect(await captureAvailability()).toEqual({ available: true, why: expect.any(String) as string });
  });
});

test('a capture changes nothing, each replay is one step', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2, 3);
    const rate = own(liveScalar(1));
    const graph = own(
      captureStep(
        () => {
          w.assign(tf.add(w, rate.tensor));
          return { sum: tf.sum(w) };
        },
        { inputs: [rate] },
      ),
    );
    expect(Array.from(await w.data())).toEqual([1, 2, 3]);
    expect(await next(graph)).toEqual([9]);
    rate.write(10);
    expect(await next(graph)).toEqual([39]);
    expect(Array.from(await w.data())).toEqual([12, 13, 14]);
  });
});

test('variables may be assigned between replays, and each other inside', async () => {
  await withValidation(async () => {
    const [a, b] = [weightsOf(1, 2), weightsOf(3, 4)];
    const graph = own(
      captureStep(
        () => {
          const old = a.clone();
          a.assign(b as tf.Tensor);
          b.assign(old);
          return { a: a.clone() };
        },
        { inputs: [] },
      ),
    );
    expect(await next(graph)).toEqual([3, 4]);
    expect(Array.from(await b.data())).toEqual([1, 2]);
    tf.tidy(() => a.assign(tf.tensor1d([7, 8])));
    await next(graph);
    expect(Array.from(await a.data())).toEqual([1, 2]);
    expect(Array.from(await b.data())).toEqual([7, 8]);
    // Computed on the device, and a mere cast of whole numbers.
    tf.tidy(() => a.assign(tf.cast(tf.greater(tf.add(b, 1), 8.5), 'float32')));
    await next(graph);
    expect(Array.from(await b.data())).toEqual([0, 1]);
  });
});

/** w += step, in place, and two outputs: the square and the double of the new w. All of four numbers. */
const raw: RawKernel = {
  name: 'update',
  workgroups: [1, 1, 1],
  wgsl: `
    @group(0) @binding(0) var<storage, read> delta: array<f32>;
    @group(0) @binding(1) var<storage, read_write> w: array<f32>;
    @group(0) @binding(2) var<storage, read_write> squared: array<f32>;
    @group(0) @binding(3) var<storage, read_write> doubled: array<f32>;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
      w[id.x] += delta[id.x];
      squared[id.x] = w[id.x] * w[id.x];
      doubled[id.x] = 2 * w[id.x];
    }`,
};

test('raw kernels with several outputs that change a variable in place', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2, 3, 4);
    const delta = own(liveTensor<Tensor1D>([4]));
    const step = () => {
      const engine = tf.engine();
      const results = (tf.backend() as RetortBackend).runRaw(
        raw,
        [
          { tensor: delta.tensor, access: 'read' },
          { tensor: w, access: 'read_write' },
        ],
        [[4], [4]],
      );
      const [squared, doubled] = results.map((info) => engine.makeTensorFromTensorInfo(info));
      return { squared: squared!, sum: tf.add(squared!, doubled!) };
    };
    const graph = own(captureStep(step, { inputs: [delta] }));
    expect(graph.dispatches).toBe(2);
    // The sum's kernel may be there from other files.
    expect(graph.uncompiled).toBeGreaterThan(0);
    await graph.prepare();
    expect(Array.from(await w.data())).toEqual([1, 2, 3, 4]);
    delta.write([1, 1, 1, 1]);
    const seen = await graph.replay();
    expect(Array.from(seen!['squared']!)).toEqual([4, 9, 16, 25]);
    expect(Array.from(seen!['sum']!)).toEqual([8, 15, 24, 35]);
    // Numbers read before a step are not shown after it.
    expect(Array.from(await w.data())).toEqual([2, 3, 4, 5]);
    const snapshot = own(w.clone());
    delta.write([10, 0, 0, 0]);
    await graph.replay();
    expect(Array.from(await w.data())).toEqual([12, 3, 4, 5]);
    expect(Array.from(await snapshot.data())).toEqual([2, 3, 4, 5]);
    snapshot.dispose();
    tf.dispose(tf.tidy(step));
    expect(Array.from(await w.data())).toEqual([22, 3, 4, 5]);
    expect(own(captureStep(step, { inputs: [delta] })).sameAs(graph)).toBe(true);
  });
});

test('a snapshot of a variable keeps its numbers when the variable is trained on', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2);
    const twin = weightsOf(0, 0);
    twin.assign(w as tf.Tensor);
    const step = () => {
      w.assign(tf.mul(w, 2));
      return { w: w.clone() };
    };
    const graphs = [own(captureStep(step, { inputs: [] })), own(captureStep(step, { inputs: [] }))];
    expect(await next(graphs[0]!)).toEqual([2, 4]);
    expect(Array.from(await twin.data())).toEqual([1, 2]);
    const snapshot = own(w.clone());
    expect(await next(graphs[1]!)).toEqual([4, 8]);
    expect(await next(graphs[0]!)).toEqual([8, 16]);
    expect(Array.from(await snapshot.data())).toEqual([2, 4]);
    const second = own(w.clone());
    tf.tidy(() => w.assign(tf.tensor1d([5, 5])));
    expect(await next(graphs[1]!)).toEqual([10, 10]);
    expect(Array.from(await second.data())).toEqual([8, 16]);
    expect(Array.from(await twin.data())).toEqual([1, 2]);
  });
});

test('what a graph reads may be disposed by its owner, and eager ops before a replay come before it', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2);
    const constant = tf.add(tf.tensor1d([10, 20]), w);
    const fromCpu = tf.tensor1d([100, 200]);
    const graph = own(
      captureStep(
        () => {
          w.assign(tf.add(tf.add(w, constant), fromCpu));
          return { w: w.clone() };
        },
        { inputs: [] },
      ),
    );
    tf.dispose([constant, fromCpu]);
    // Takes the buffers that were given back, if any were.
    const others = Array.from({ length: 4 }, () => own(tf.mul(w, 0)));
    await Promise.all(others.map((other) => other.data()));
    const before = own(tf.mul(w, 1));
    expect(await next(graph)).toEqual([112, 224]);
    expect(Array.from(await before.data())).toEqual([1, 2]);
    expect(await next(graph)).toEqual([223, 446]);
  });
});

test('constants keep their numbers when their tensors die early, kept tensors can be read and disposed', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2);
    const kept: tf.Tensor[] = [];
    const graph = own(
      captureStep(
        () => {
          const sum = tf.tidy(() => tf.add(w, tf.tensor1d([10, 20])));
          w.assign(tf.mul(tf.sub(sum, 1), 2));
          kept.push(tf.keep(tf.neg(sum)));
          return { w: w.clone() };
        },
        { inputs: [] },
      ),
    );
    const held = own(kept[0]!);
    expect(await next(graph)).toEqual([20, 42]);
    expect(Array.from(await held.data())).toEqual([-11, -22]);
    expect(await next(graph)).toEqual([58, 122]);
  });
});

test('outputs that are whole numbers, casts of them or constants are read as what they are', async () => {
  await withValidation(async () => {
    const x = own(liveTensor<Tensor1D>([3]));
    const graph = own(
      captureStep(
        () => {
          const larger = tf.greater(x.tensor, 1);
          return {
            larger: tf.cast(larger, 'float32'),
            best: tf.argMax(x.tensor),
            constant: tf.scalar(5),
            sum: tf.sum(x.tensor),
          };
        },
        { inputs: [x] },
      ),
    );
    x.write([0, 3, 2]);
    const seen = await graph.replay()!;
    expect(Array.from(seen!['larger']!)).toEqual([0, 1, 1]);
    expect(Array.from(seen!['best']!)).toEqual([1]);
    expect(Array.from(seen!['constant']!)).toEqual([5]);
    expect(Array.from(seen!['sum']!)).toEqual([5]);
  });
});

test('a step that cannot be captured says why and leaves everything as it was', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2, 3, 4);
    const refused: [string, () => Record<string, tf.Tensor>][] = [
      [
        'reads numbers back',
        () => {
          w.assign(tf.mul(w, 2));
          tf.square(w).dataSync();
          return {};
        },
      ],
      [
        'reads numbers back',
        () => {
          void tf.square(w).data();
          return {};
        },
      ],
      [
        'reads numbers back',
        () => {
          // Inside a gradient, whose tape must not stay behind either.
          const { value } = tf.variableGrads(
            () => tf.sum(tf.mul(tf.square(w), tf.square(w).arraySync() as number[])),
            [w],
          );
          return { value };
        },
      ],
      [
        'makes a variable',
        () => {
          w.assign(tf.add(w, tf.variable(tf.ones([4]))));
          return {};
        },
      ],
      ['asynchronous', (() => Promise.resolve({})) as never],
      [
        'mere cast',
        () => {
          w.assign(tf.cast(tf.greater(w, 2), 'float32'));
          return {};
        },
      ],
    ];
    tf.tidy(() => tf.add(w, 1));
    for (const [reason, step] of refused) {
      const before = { ...tf.memory() };
      const ids = (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
      let caught: unknown;
      try {
        captureStep(step, { inputs: [] });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(CannotCapture);
      expect((caught as Error).message).toContain(reason);
      const { numTensors, numDataBuffers, numBytes } = tf.memory();
      expect({ numTensors, numDataBuffers, numBytes }, reason).toEqual({
        numTensors: before.numTensors,
        numDataBuffers: before.numDataBuffers,
        numBytes: before.numBytes,
      });
      expect((tf.backend() as unknown as { numDataIds(): number }).numDataIds()).toBe(ids);
      expect(Array.from(await w.data())).toEqual([1, 2, 3, 4]);
    }
    // The next one works, and so do eager gradients.
    const graph = own(
      captureStep(() => ({ value: tf.variableGrads(() => tf.sum(tf.square(w)), [w]).value }), { inputs: [] }),
    );
    expect(await next(graph)).toEqual([30]);
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(w)) as Scalar, [w]);
    expect((await value.data())[0]).toBe(30);
    tf.dispose([value, grads]);
  });
});

test('an error in the step itself comes through unchanged', () => {
  const mistake = new Error('a mistake');
  expect(() =>
    captureStep(
      () => {
        throw mistake;
      },
      { inputs: [] },
    ),
  ).toThrow(mistake);
});

test('two captures are the same exactly when every number in them is', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, -2, 3);
    const x = own(liveTensor<Tensor1D>([3]));
    const other = own(liveTensor<Tensor1D>([3]));
    const batch = own(tf.zeros([100]));
    const capture = (factor: number, bound: number, input = x) =>
      own(
        captureStep(
          () => {
            w.assign(tf.add(tf.mul(w, factor), tf.clipByValue(input.tensor, -bound, bound)));
            return { sum: tf.sum(w) };
          },
          { inputs: [x, other] },
        ),
      );
    const graph = capture(0.5, 1);
    expect(graph.uncompiled).toBeGreaterThan(0);
    expect(graph.sameAs(capture(0.5, 1))).toBe(true);
    await graph.prepare();
    await next(graph);
    expect(graph.sameAs(capture(0.5, 1))).toBe(true);
    expect(capture(0.5, 1).uncompiled).toBe(0);
    expect(graph.sameAs(capture(0.25, 1))).toBe(false);
    expect(graph.sameAs(capture(0.5, 2))).toBe(false);
    expect(graph.sameAs(capture(0.5, 1, other))).toBe(false);
    expect(graph.suspects).toEqual([]);

    const noisy = own(captureStep(() => ({ x: tf.add(tf.randomUniform([100]), batch) }), { inputs: [] }));
    const origins = noisy.suspects.map(({ shape, bytes, origin }) => [shape, bytes, origin]);
    expect(origins).toContainEqual([[100], 400, 'made inside']);
    expect(origins).toContainEqual([[100], 400, 'made before']);
  });
});

test('captures, replays and disposals leave nothing behind', async () => {
  await withValidation(async () => {
    const w = own(tf.tidy(() => tf.variable(tf.randomNormal([64, 32], 0, 1, 'float32', 3))));
    const x = own(liveTensor<Tensor2D>([16, 64]));
    const step = () => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(tf.square(tf.matMul(x.tensor, w as tf.Tensor2D))) as Scalar,
        [w],
      );
      w.assign(tf.sub(w, tf.mul(grads[w.name]!, 0.1)));
      return { value };
    };
    const held = () => {
      const { numTensors, numBytes, numDataBuffers } = tf.memory();
      const backend = tf.backend() as unknown as {
        numDataIds(): number;
        memory(): { numBytesInGPU: number; numBytesAllocatedInGPU: number };
      };
      const { numBytesInGPU, numBytesAllocatedInGPU } = backend.memory();
      const ids = backend.numDataIds();
      return { numTensors, numBytes, numDataBuffers, ids, numBytesInGPU, numBytesAllocatedInGPU };
    };
    const round = async () => {
      const graph = captureStep(step, { inputs: [x] });
      expect(graph.bytes).toBeGreaterThan(0);
      for (let i = 0; i < 5; i++) await graph.replay();
      graph.dispose();
      tf.dispose(tf.tidy(step));
    };
    await round();
    const before = held();
    for (let i = 0; i < 6; i++) await round();
    expect(held()).toEqual(before);
  });
});

test('when nobody reads, steps go on and their numbers are left on the device', async () => {
  await withValidation(async () => {
    const w = weightsOf(0);
    const graph = own(
      captureStep(
        () => {
          w.assign(tf.add(w, 1));
          return { w: w.clone() };
        },
        { inputs: [] },
      ),
    );
    const promises = Array.from({ length: 6 }, () => graph.replay());
    expect(promises.map((promise) => promise !== null)).toEqual([true, true, true, true, false, false]);
    const seen = await Promise.all(promises.map(async (promise) => promise));
    expect(seen.map((outputs) => outputs?.['w']![0] ?? null)).toEqual([1, 2, 3, 4, null, null]);
    await graph.room();
    expect(await next(graph)).toEqual([7]);
  });
});

test('compilation in the background reports its progress and can be stopped', async () => {
  await withValidation(async () => {
    const w = weightsOf(1, 2, 3, 4, 5);
    const graph = own(
      captureStep(() => ({ y: tf.sum(tf.atan(tf.sinh(tf.cosh(tf.mul(w, 0.5))))) }), { inputs: [] }),
    );
    const of = graph.uncompiled;
    expect(of).toBeGreaterThan(2);
    const stop = new AbortController();
    stop.abort();
    await expect(graph.prepare(undefined, stop.signal)).rejects.toThrow();
    expect(graph.uncompiled).toBe(of);
    const reports: number[] = [];
    await graph.prepare(({ done, of }) => reports.push(done / of));
    expect(reports).toHaveLength(of);
    expect(reports.at(-1)).toBe(1);
    expect(graph.uncompiled).toBe(0);
    expect((await next(graph))[0]).toBeGreaterThan(0);
  });
});

test('live tensors work on any backend', async () => {
  await chooseBackend('cpu');
  try {
    const x = own(liveTensor<Tensor1D>([2], 'int32'));
    const numbers = new Int32Array([1, 2]);
    x.write(numbers);
    numbers[0] = 9;
    expect(Array.from(await x.tensor.data())).toEqual([1, 2]);
    expect(() => x.write([1, 2, 3])).toThrow('[2] was given 3 numbers');
    expect(() => captureStep(() => ({}), { inputs: [] })).toThrow(CannotCapture);
    expect((await captureAvailability()).available).toBe(false);
  } finally {
    await tf.setBackend('webgpu');
  }
});

test('eager ops that are not submitted yet see the numbers from before a write', async () => {
  await withValidation(async () => {
    const x = own(liveTensor<Tensor1D>([2]));
    x.write([1, 2]);
    const doubled = own(tf.mul(x.tensor, 2));
    x.write([10, 20]);
    const redoubled = own(tf.mul(x.tensor, 2));
    expect(Array.from(await doubled.data())).toEqual([2, 4]);
    expect(Array.from(await redoubled.data())).toEqual([20, 40]);
  });
});
