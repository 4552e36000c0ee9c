/** Parity of whole networks with the reference code: same weights, same images, same logits and stages. */
import { tf } from '../../src/engine/tf';
import type { NamedArray } from '../../src/nn/module';
import { Network, type Trace } from '../../src/nn/network';
import type { FormulaExpectation, NetworkCase, NetworkExpectation } from './case';
import { difference } from './compare';

/** Relative to the largest logit. */
const share = 1e-4;

export async function runNetworkCase(golden: NetworkCase, weights: readonly NamedArray[]): Promise<string[]> {
  const [, height, width, channels] = golden.inputNHWC.shape;
  const network = Network.create(golden.network, [height, width, channels], golden.classes, weights);
  const images = tf.tensor4d(golden.inputNHWC.data, golden.inputNHWC.shape);
  try {
    const failures: string[] = [];
    const counted = [...network.module.trainable.values()].reduce((sum, { size }) => sum + size, 0);
    if (counted !== golden.parameters) failures.push(`${counted} parameters instead of ${golden.parameters}`);
    for (const mode of ['eval', 'train'] as const) {
      const training = mode === 'train';
      const found = await summarise(() => network.forward(images, { training }));
      failures.push(...compareTrace(mode, found, golden.expected[mode]));
    }
    return failures;
  } finally {
    images.dispose();
    network.dispose();
  }
}

export async function summarise(forward: () => Trace): Promise<FormulaExpectation> {
  const { logits, stages, before } = tf.tidy(() => {
    const { logits, stem, stages, embedding, preActivations } = forward();
    return {
      logits: logits as tf.Tensor2D,
      stages: [stem, ...stages, embedding],
      // Handles of their own: a network may show one map as both.
      before: preActivations.map((map) => map.clone()),
    };
  });
  const summary: FormulaExpectation = {
    logits: await logits.array(),
    stageShapesNHWC: stages.map(({ shape }) => shape),
    stageMeans: [],
    stageStds: [],
    preActivations: [],
  };
  for (const stage of stages) {
    const { mean, deviation } = moments(await stage.data<'float32'>());
    summary.stageMeans.push(mean);
    summary.stageStds.push(deviation);
  }
  for (const map of before) {
    const values = await map.data<'float32'>();
    summary.preActivations.push({ ...moments(values), first: [...values.subarray(0, 4)] });
  }
  tf.dispose([logits, stages, before]);
  return summary;
}

/** Pre-activations are compared where the case has them. */
export function compareTrace(
  mode: string,
  found: FormulaExpectation,
  expected: NetworkExpectation | FormulaExpectation,
): string[] {
  const logits = expected.logits.flat();
  const allowed = share * logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerance = { absolute: allowed, relative: 0 };
  const shapes = JSON.stringify(found.stageShapesNHWC);
  return [
    shapes === JSON.stringify(expected.stageShapesNHWC) ? null : `${mode}: stages have the shapes ${shapes}`,
    difference(`${mode} logits`, found.logits.flat(), logits, tolerance),
    difference(`${mode} stage means`, found.stageMeans, expected.stageMeans, tolerance),
    difference(`${mode} stage deviations`, found.stageStds, expected.stageStds, tolerance),
    'preActivations' in expected
      ? difference(
          `${mode} pre-activations`,
          flatten(found.preActivations),
          flatten(expected.preActivations),
          // Single numbers of maps are less exact than the means over them.
          { absolute: 1e-5, relative: 5e-4 },
        )
      : null,
  ].filter((failure) => failure !== null);
}

function flatten(maps: FormulaExpectation['preActivations']): number[] {
  return maps.flatMap(({ mean, deviation, first }) => [mean, deviation, ...first]);
}

/** Mean and biased standard deviation. */
function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
