/**
 * The losses that have a fused form, differentiated by all that goes into them and over shapes of all sorts, against the
 * composed form on the cpu backend: no gradient may be missing because an input usually is a constant.
 */
import { describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { opsOverTensors } from '../../../src/engine/fused';
import { gradientsOf } from '../../../src/engine/gradients';
import {
  attentionMaps,
  meanCrossEntropy,
  meanSquaredDifference,
  objectiveOf,
  sideBySide,
  softmaxCrossEntropy,
  temperatureKl,
  weightedLosses,
} from '../../../src/engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../src/engine/tf';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import { withValidation } from '../../../src/engine/webgpu';
import { RandomStream } from '../../../src/random/streams';
import { comparedWithCpu, expectSame, type Case } from './table-case';

const random = RandomStream.fork(11, 'losses');
const pick = <T>(...choices: T[]): T => choices[Math.floor(random.uniform() * choices.length)]!;
const several = (make: () => Case, count = 3) => Array.from({ length: count }, make);

/** A loss of two inputs of any shapes. */
function ofTwo(name: string, a: number[], b: number[], run: (a: Tensor, b: Tensor) => Tensor): Case {
  return {
    name: `${name} of [${a.join()}] and [${b.join()}]`,
    shapes: { a, b },
    run: (_, { a, b }) => run(a!, b!),
  };
}

const rows = () => [pick(1, 2, 5, 70), pick(2, 3, 7, 10, 100)];
const maps = () => [pick(1, 2, 5), pick(1, 3, 4), pick(1, 5, 20), pick(1, 3, 6, 8)];

function weighted(losses: number[], weights: number[] | null): Case {
  return {
    name: `weighted losses of [${losses.join()}] by ${weights ? `[${weights.join()}]` : 'ones'}`,
    shapes: { losses, ...(weights && { weights }) },
    run: (_, { losses, weights }) => weightedLosses(losses!, weights ?? null, 3),
  };
}

/** Vectors of several makes side by side, some of which are looked at for themselves too. */
function columns(count: number): Case {
  return {
    name: `${count} losses side by side`,
    shapes: { a: [6, 5], b: [6, 5], c: [6] },
    run: (_, { a, b, c }) => {
      const makes = [
        () => temperatureKl(a!, b!, 2),
        () => c as Tensor1D,
        () => tf.mul<Tensor1D>(meanSquaredDifference(a!, b!), 3),
        () => softmaxCrossEntropy(a!, b!),
      ];
      const vectors = Array.from({ length: count }, (_, n) => makes[n % makes.length]!());
      const matrix = sideBySide(vectors);
      const weights = tf.add(tf.range(0, count), 1);
      return tf.add(tf.sum(tf.mul(tf.mul(matrix, matrix), weights), 1), tf.mul(vectors.at(-1)!, c!));
    },
  };
}

/** A cross-entropy and two KLs of the same logits: computed together, each of them also looked at. */
function ofOneAnswer(): Case {
  return {
    name: 'several losses of the same logits',
    shapes: { x: [7, 4], labels: [7, 4], first: [7, 4], second: [7, 4], weights: [7, 2] },
    run: (_, { x, labels, first, second, weights }) => {
      const logits = tf.mul(x!, 2);
      const ce = softmaxCrossEntropy(logits, labels!);
      const kls = [temperatureKl(logits, first!, 4), temperatureKl(logits, second!, 1)];
      const weighted = tf.sum(tf.mul(sideBySide(kls), weights!), 1);
      return tf.add(tf.add(tf.mul(ce, 2), weighted), tf.square(kls[1]!));
    },
  };
}

/** @param spread of the given variances: small ones show what is added to them before the root */
function evaluationNorm(x: number[], spread = 1): Case {
  const shape = [x.at(-1)!];
  return {
    name: `batch norm of [${x.join()}] with given statistics, ${spread}`,
    shapes: { x, 'n.weight': shape, 'n.bias': shape, 'n.running_mean': shape, 'n.root': shape },
    training: false,
    // A variance is no negative number.
    run: (_, { x, ...given }) => {
      const variance = tf.mul(tf.add(tf.square(given['n.root']!), 0.3), spread);
      const named: Record<string, Tensor> = { ...given, 'n.running_var': variance };
      const numbers = (name: string) => named[name]!;
      const ops = opsOverTensors({ weights: numbers, statistics: numbers, training: false });
      return ops.batchNorm(x!, 'n');
    },
  };
}

const cases: Case[] = [
  ...several(() => {
    const shape = rows();
    return ofTwo('cross-entropy', shape, shape, softmaxCrossEntropy);
  }),
  ...several(() => {
    const shape = rows();
    const temperature = pick(0.5, 1, 2.5, 8);
    return ofTwo(`KL at ${temperature}`, shape, shape, (a, b) => temperatureKl(a, b, temperature));
  }),
  ...several(() => {
    const shape = maps();
    return ofTwo('mean squared difference', shape, shape, meanSquaredDifference);
  }),
  // Longer than what one thread adds up.
  ofTwo('mean squared difference', [3, 1100], [3, 1100], meanSquaredDifference),
  ...several(() => {
    const shape = rows();
    return ofTwo('mean cross-entropy', shape, shape, (a, b) => meanCrossEntropy(a, b, 3));
  }),
  ofTwo('mean cross-entropy', [4, 5], [1, 5], (a, b) => meanCrossEntropy(a, b, 3)),
  ...[1, 2, 3, 12].map(columns),
  ofOneAnswer(),
  // Answers that are sure: the largest must be taken off before anything is raised to a power.
  ...[softmaxCrossEntropy, (a: Tensor, b: Tensor) => temperatureKl(a, b, 1)].map((run, n) => ({
    ...ofTwo(`${n === 0 ? 'cross-entropy' : 'KL'}, logits far apart,`, [6, 10], [6, 10], (a, b) =>
      run(tf.mul(a, 150), b),
    ),
  })),
  // Shapes that the fused forms do not take: one row for all, or a softmax per place.
  ofTwo('cross-entropy', [4, 5], [1, 5], softmaxCrossEntropy),
  ofTwo('cross-entropy', [2, 3, 5], [2, 3, 5], softmaxCrossEntropy),
  ofTwo('KL', [4, 5], [1, 5], (a, b) => temperatureKl(a, b, 2)),
  ofTwo('KL', [2, 3, 5], [2, 3, 5], (a, b) => temperatureKl(a, b, 2)),
  ofTwo('mean squared difference', [3, 4, 2], [1, 4, 2], meanSquaredDifference),
  ofTwo('mean squared difference', [3, 4, 2], [3, 4, 1], meanSquaredDifference),
  ofTwo('mean squared difference', [6], [6], meanSquaredDifference),
  weighted([7], null),
  weighted([7], [7]),
  weighted([5, 3], [5, 3]),
  weighted([5, 3], [1, 3]),
  weighted([5, 3], [3]),
  weighted([5, 3], [5, 1]),
  weighted([5, 3], [1, 1]),
  weighted([3, 3], [3, 1]),
  weighted([300, 2], [300, 2]),
  ...several(() => {
    const [shape, p] = [maps(), pick(1, 2, 3)];
    return {
      name: `attention maps of [${shape.join()}], p = ${p}`,
      shapes: { maps: shape },
      run: (_, { maps }) => attentionMaps(maps as Tensor4D, p),
    };
  }),
  {
    name: 'attention maps of an image of zeros',
    shapes: { maps: [2, 3, 3, 4] },
    first: () => 0,
    run: (_, { maps }) => attentionMaps(maps as Tensor4D, 2),
  },
  evaluationNorm([6, 5]),
  evaluationNorm([2, 3, 4, 8]),
  evaluationNorm([2, 3, 4, 8], 1e-4),
];

const compare = comparedWithCpu(cases);

describe('by every input', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    // The output and a gradient per input.
    expect(await compare(one)).toHaveLength(1 + Object.keys(one.shapes).length);
  });
});

test('a small loss of large logits keeps its digits', async () => {
  // Numbers of single precision near 120 are 8e-6 apart.
  const rows = [
    [120.25, 112.5, 100, 99.75, 98],
    [119.5, 111.25, 101, 96.5, 97],
  ];
  const [[own, other], labels] = [rows.map((row) => tf.tensor2d([row])), tf.tensor2d([[1, 0, 0, 0, 0]])];
  const losses = tf.tidy(() => [
    softmaxCrossEntropy(own!, labels),
    meanCrossEntropy(own!, labels, 1),
    temperatureKl(own!, other!, 1),
  ]);
  const found = await Promise.all(losses.map(async (loss) => (await loss.data<'float32'>())[0]!));
  tf.dispose([own!, other!, labels, ...losses]);
  const logs = rows.map((row) => {
    const shift = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - row[0]!), 0));
    return row.map((logit) => logit - row[0]! - shift);
  });
  const kl = logs[1]!.reduce((sum, log, c) => sum + Math.exp(log) * (log - logs[0]![c]!), 0);
  const exact = [-logs[0]![0]!, -logs[0]![0]!, kl];
  expect(found.map((loss, n) => Math.abs(loss / exact[n]! - 1) < 2e-3)).toEqual([true, true, true]);
});

test('labels and maps that were cast from whole numbers are taken as what they say', async () => {
  const read = async () => {
    const found = tf.tidy(() => {
      const whole = tf.cast(tf.tensor2d([0, 1, 1, 0, 2, 0], [2, 3], 'int32'), 'float32');
      const [a, b] = [tf.tensor2d([1, 2, 3, 4, 5, 7], [2, 3]), tf.tensor1d([2, 1, 0], 'int32')];
      const given = [
        softmaxCrossEntropy(a, whole),
        temperatureKl(whole, a, 2),
        meanSquaredDifference(a, whole),
      ];
      const maps = tf.reshape(whole, [1, 2, 3, 1]) as Tensor4D;
      return [...given, attentionMaps(maps, 2), weightedLosses(whole, tf.cast(b, 'float32'), 2)];
    });
    const numbers = await Promise.all(found.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(found);
    return numbers;
  };
  const found = await withValidation(read);
  await chooseBackend('cpu');
  expectSame(found, await read());
  await chooseBackend('webgpu');
});

test.each(['webgpu', 'wasm', 'cpu'] as const)(
  'a gradient of a gradient that would lack a part is refused on %s',
  async (backend) => {
    await chooseBackend(backend);
    const [x, ones] = [tf.ones<tf.Rank.R2>([6, 4]), tf.ones([4])];
    const ops = opsOverTensors({ weights: () => ones, statistics: () => ones, training: true });
    const ofGradient = () =>
      tf.tidy(() => {
        gradientsOf(() => {
          const { gradients } = gradientsOf(() => tf.sum(tf.square(ops.batchNorm(x, 'n'))), [x]);
          return tf.sum(tf.square(gradients[0]!));
        }, [x]);
      });
    expect(ofGradient).toThrow(/has no gradient of its gradient/);
    tf.dispose([x, ones]);
    await chooseBackend('webgpu');
  },
);

/** d/dx of sum((d/dx sum(x^3))^2) = d/dx sum(9 x^4) = 36 x^3. */
test('a gradient of a gradient of plain ops is right', async () => {
  const x = tf.tensor1d([1, -2, 3]);
  const cubes = () => tf.sum<tf.Scalar>(tf.mul(x, tf.square(x)));
  const { value, gradients } = gradientsOf(
    () => tf.sum(tf.square(gradientsOf(cubes, [x]).gradients[0]!)),
    [x],
  );
  expect([...(await gradients[0]!.data())]).toEqual([36, -288, 972]);
  tf.dispose([x, value, ...gradients.map((gradient) => gradient!)]);
});

test('losses of the same logits take a dispatch forward and one backward, and columns none', async () => {
  const make = (...shape: number[]) => tf.randomUniform(shape, 0.1, 1, 'float32', 5);
  const [logits, labels, teacher, map, other] = [
    make(6, 5),
    make(6, 5),
    make(6, 5),
    make(6, 40),
    make(6, 40),
  ] as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const weights = tf.ones<tf.Rank.R2>([1, 2]);
  const step = () =>
    tf.tidy(() => {
      const { value, gradients } = gradientsOf(() => {
        const ce = softmaxCrossEntropy(logits, labels);
        const losses = sideBySide([temperatureKl(logits, teacher, 4), meanSquaredDifference(map, other)]);
        return objectiveOf({ ce, count: 6, factor: 1 }, { losses, weights }).total;
      }, [logits, map]);
      return [value, ...gradients.map((gradient) => gradient!)];
    });
  // Uploads what is given.
  tf.dispose(step());
  await Promise.all([logits, labels, teacher, map, other, weights].map((tensor) => tensor.data()));
  const backend = tf.backend() as RetortBackend;
  const before = backend.dispatches;
  const found = step();
  await Promise.all(found.map((tensor) => tensor.data()));
  // Both losses of the logits, the distance, the objective; its gradient, that of the logits, that of the map.
  expect(backend.dispatches - before).toBe(6);
  tf.dispose([...found, logits, labels, teacher, map, other, weights]);
});
