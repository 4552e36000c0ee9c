/** A whole distillation step, replayed, gives bit for bit what it gives eagerly. */
import { expect, test } from 'vitest';
import { crossEntropies, meanOverLabelled, weightedHints } from '../../../src/distill/objective';
import { hintLosses } from '../../../src/distill/hints/fitnet/loss';
import {
  captureStep,
  liveScalar,
  liveTensor,
  type LiveTensor,
  type Outputs,
} from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { KeptTensors } from '../../../src/engine/kept-tensors';
import { tf, type Scalar, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Observed } from '../../../src/nn/module';
import { Network } from '../../../src/nn/network';
import { Adam, Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';
import { onWebgpu } from '../on-webgpu';

const [batch, side, classes] = [8, 8, 4];
const steps = 12;

onWebgpu({ allOps: true });

interface LiveOptimiser {
  /** Before each step. */
  write(learningRate: number): void;
  inputs: LiveTensor[];
  /** Inside the step. */
  step(gradients: (tf.Tensor | null)[]): void;
  slots(): Promise<Float32Array[]>;
  dispose(): void;
}

/** An optimiser of `nn/optimisers.ts`, with what differs from step to step in a live tensor. */
function live(optimiser: Sgd | Adam): LiveOptimiser {
  const hyperparameters = liveTensor<Tensor1D>([optimiser.hyperparameters]);
  return {
    write: (learningRate) => hyperparameters.write(optimiser.advance(learningRate)),
    inputs: [hyperparameters],
    step: (gradients) => optimiser.apply(gradients, hyperparameters.tensor),
    slots: async () => Object.values((await optimiser.state()).slots).flat(),
    dispose: () => {
      optimiser.dispose();
      hyperparameters.dispose();
    },
  };
}

/** Plain gradient descent through `assign`, which gives every variable new data in every step. */
function assigning(variables: tf.Variable[]): LiveOptimiser {
  const rate = liveScalar(0);
  return {
    write: (learningRate) => rate.write(learningRate),
    inputs: [rate],
    step: (gradients) =>
      variables.forEach((variable, i) =>
        variable.assign(tf.sub(variable, tf.mul(gradients[i]!, rate.tensor))),
      ),
    slots: () => Promise.resolve([]),
    dispose: () => rate.dispose(),
  };
}

const optimisers: [string, (variables: tf.Variable[]) => LiveOptimiser][] = [
  [
    'SGD with Nesterov momentum',
    (variables) => live(new Sgd(variables, { momentum: 0.9, nesterov: true, weightDecay: 5e-4 })),
  ],
  ['Adam', (variables) => live(new Adam(variables, { weightDecay: 1e-4 }))],
  ['assignments', assigning],
];

class Lesson {
  readonly images = liveTensor<Tensor4D>([batch, side, side, 1]);
  readonly labels = liveTensor<Tensor2D>([batch, classes]);
  readonly temperature = liveScalar(4);
  readonly hintWeights = liveTensor<Tensor2D>([1, 2]);
  readonly student = Network.create('cnn-4-8', [side, side, 1], classes, RandomStream.fork(1, 'student'));
  private readonly teacher = Network.create(
    'cnn-8-16',
    [side, side, 1],
    classes,
    RandomStream.fork(1, 'teacher'),
  );
  private readonly regressor = tf.tidy(() =>
    tf.variable(tf.randomUniform([1, 1, 8, 16], -0.3, 0.3, 'float32', 5)),
  );
  private readonly variables = [...this.student.module.trainable.values(), this.regressor];
  readonly optimiser: LiveOptimiser;
  private readonly random = RandomStream.fork(1, 'images');

  constructor(optimiser: (variables: tf.Variable[]) => LiveOptimiser) {
    this.optimiser = optimiser(this.variables);
  }

  get inputs(): LiveTensor[] {
    return [this.images, this.labels, this.temperature, this.hintWeights, ...this.optimiser.inputs];
  }

  /** Everything that is not the same in every step. */
  prepare(step: number): void {
    const { random } = this;
    this.images.write(Float32Array.from({ length: batch * side * side }, () => random.normal()));
    const labels = new Float32Array(batch * classes);
    for (let i = 0; i < batch; i++) labels[i * classes + ((i * step + step) % classes)] = 1;
    this.labels.write(labels);
    this.temperature.write(step < 5 ? 4 : 2);
    this.hintWeights.write([1, step < 5 ? 0.1 : 0.5]);
    this.optimiser.write(step < 7 ? 0.05 : 0.1);
  }

  readonly step = (): Record<string, tf.Tensor> => {
    const taught = this.teacher.forward(this.images.tensor, { training: false });
    const [observed, held] = [new Observed(), new KeptTensors()];
    const seen: Record<string, tf.Tensor> = {};
    const { value, gradients } = gradientsOf(() => {
      const { logits, stages } = this.student.forward(this.images.tensor, { training: true, observed });
      const ce = crossEntropies(logits, this.labels.tensor);
      const kd = this.divergences(logits as Tensor2D, taught.logits as Tensor2D);
      const last = stages.at(-1) as Tensor4D;
      const regressed = tf.conv2d(last, this.regressor as unknown as Tensor4D, 1, 'valid');
      const hint = hintLosses(regressed, taught.stages.at(-1)!);
      Object.assign(seen, { ce: held.keep(ce), kd: held.keep(kd), hint: held.keep(hint) });
      const hints = tf.stack([kd, hint], 1) as Tensor2D;
      return tf.add(meanOverLabelled(ce, batch), weightedHints(hints, this.hintWeights.tensor)) as Scalar;
    }, this.variables);
    observed.absorb();
    this.optimiser.step(gradients);
    const outputs = {
      total: value,
      ...Object.fromEntries(Object.entries(seen).map(([k, t]) => [k, t.clone()])),
    };
    held.dispose();
    return outputs;
  };

  /** T^2 KL(teacher || student), [B]. */
  private divergences(student: Tensor2D, teacher: Tensor2D): Tensor1D {
    const { tensor: t } = this.temperature;
    const [s, l] = [tf.logSoftmax(tf.div(student, t)), tf.logSoftmax(tf.div(teacher, t))];
    return tf.mul(tf.sum(tf.mul(tf.exp(l), tf.sub(l, s)), -1), tf.square(t));
  }

  /** An eager forward pass between steps. */
  async evaluate(): Promise<Float32Array> {
    const logits = tf.tidy(() => this.student.forward(this.images.tensor, { training: false }).logits);
    const numbers = await logits.data<'float32'>();
    logits.dispose();
    return numbers;
  }

  /** Weights are also changed by hand, as loading a checkpoint does. */
  nudge(): void {
    const variable = this.student.module.trainable.get('fc.bias') ?? this.variables[0]!;
    tf.tidy(() => variable.assign(tf.fill(variable.shape, 0.25)));
  }

  async state(): Promise<Float32Array[]> {
    const weights = await this.student.module.exportState();
    return [...weights.map(({ data }) => data), ...(await this.optimiser.slots())];
  }

  dispose(): void {
    [this.images, this.labels, this.temperature, this.hintWeights].forEach((live) => live.dispose());
    this.optimiser.dispose();
    this.student.dispose();
    this.teacher.dispose();
    this.regressor.dispose();
  }
}

interface Course {
  losses: Outputs[];
  evaluations: Float32Array[];
  state: Float32Array[];
}

async function run(
  optimiser: (variables: tf.Variable[]) => LiveOptimiser,
  mode: 'eager' | 'captured',
): Promise<Course> {
  const lesson = new Lesson(optimiser);
  const [losses, evaluations]: [Outputs[], Float32Array[]] = [[], []];
  const graph = mode === 'captured' ? captureStep(lesson.step, { inputs: lesson.inputs }) : null;
  await graph?.prepare();
  if (graph) expect(graph.suspects).toEqual([]);
  for (let step = 0; step < steps; step++) {
    lesson.prepare(step);
    losses.push(graph ? (await graph.replay())! : await eagerly(lesson.step));
    if (step % 3 === 2) evaluations.push(await lesson.evaluate());
    if (step === 6) lesson.nudge();
  }
  if (graph) {
    const again = captureStep(lesson.step, { inputs: lesson.inputs });
    expect(again.sameAs(graph)).toBe(true);
    again.dispose();
  }
  const state = await lesson.state();
  graph?.dispose();
  lesson.dispose();
  return { losses, evaluations, state };
}

async function eagerly(step: () => Record<string, tf.Tensor>): Promise<Outputs> {
  const outputs = tf.tidy(step);
  const read = Object.entries(outputs).map(
    async ([name, tensor]) => [name, await tensor.data<'float32'>()] as const,
  );
  const numbers = Object.fromEntries(await Promise.all(read));
  tf.dispose(outputs);
  return numbers;
}

test.each(optimisers)(
  'a distillation step with %s is the same eagerly and replayed',
  async (_, optimiser) => {
    const before = tf.memory().numTensors;
    const eager = await withValidation(() => run(optimiser, 'eager'));
    const captured = await withValidation(() => run(optimiser, 'captured'));
    expect(captured.losses).toEqual(eager.losses);
    expect(captured.evaluations).toEqual(eager.evaluations);
    expect(captured.state).toEqual(eager.state);
    expect(Object.keys(eager.losses[0]!)).toEqual(['total', 'ce', 'kd', 'hint']);
    expect(eager.losses.at(-1)!['total']![0]).toBeLessThan(10);
    expect(eager.losses.every(({ hint }) => hint!.length === batch && hint!.every((x) => x > 0))).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  },
);

test('when the device is lost, replays reject and say so', async () => {
  const lesson = new Lesson(optimisers[0]![1]);
  const graph = captureStep(lesson.step, { inputs: lesson.inputs });
  lesson.prepare(0);
  await graph.replay();
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const pending = graph.replay();
  device.destroy();
  await pending?.catch(() => undefined);
  await device.lost;
  await expect(graph.replay()).rejects.toThrow('The graphics device was lost');
  await graph.room();
  expect(() => captureStep(lesson.step, { inputs: lesson.inputs })).toThrow('The graphics device was lost');
  graph.dispose();
});
