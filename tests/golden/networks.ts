/** Parity of whole networks with the reference code: same weights, same images, same logits and stages. */
import { tf } from '../../src/engine/tf';
import type { NamedArray } from '../../src/nn/module';
import { Network, type Trace } from '../../src/nn/network';
import { RandomStream } from '../../src/random/streams';
import type { NetworkCase, NetworkExpectation } from './case';
import { difference } from './compare';

/** Relative to the largest logit. */
const share = 1e-4;

export async function runNetworkCase(golden: NetworkCase, weights: readonly NamedArray[]): Promise<string[]> {
  const [, height, width, channels] = golden.inputNHWC.shape;
  const network = Network.create(
    golden.network,
    [height, width, channels],
    golden.classes,
    RandomStream.fork(1, 'parity'),
  );
  const images = tf.tensor4d(golden.inputNHWC.data, golden.inputNHWC.shape);
  try {
    network.module.loadState(weights);
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

async function summarise(forward: () => Trace): Promise<NetworkExpectation> {
  const { logits, stages } = tf.tidy(() => {
    const trace = forward();
    return { logits: trace.logits as tf.Tensor2D, stages: [trace.stem, ...trace.stages, trace.embedding] };
  });
  const summary: NetworkExpectation = {
    logits: await logits.array(),
    stageShapesNHWC: stages.map(({ shape }) => shape),
    stageMeans: [],
    stageStds: [],
  };
  for (const stage of stages) {
    const { mean, deviation } = moments(await stage.data<'float32'>());
    summary.stageMeans.push(mean);
    summary.stageStds.push(deviation);
  }
  logits.dispose();
  for (const stage of stages) stage.dispose();
  return summary;
}

function compareTrace(mode: string, found: NetworkExpectation, expected: NetworkExpectation): string[] {
  const logits = expected.logits.flat();
  const allowed = share * logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerance = { absolute: allowed, relative: 0 };
  const shapes = JSON.stringify(found.stageShapesNHWC);
  return [
    shapes === JSON.stringify(expected.stageShapesNHWC) ? null : `${mode}: stages have the shapes ${shapes}`,
    difference(`${mode} logits`, found.logits.flat(), logits, tolerance),
    difference(`${mode} stage means`, found.stageMeans, expected.stageMeans, tolerance),
    difference(`${mode} stage deviations`, found.stageStds, expected.stageStds, tolerance),
  ].filter((failure) => failure !== null);
}

/** Mean and biased standard deviation. */
function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
