/** Runs the meta step on a saved state whose exact hypergradient is known (hkd-state.json). */
import { classification } from '../../src/distill/tasks/classification';
import { createHint } from '../../src/distill/hints/registry';
import { methods } from '../../src/distill/methods/abouts';
import { defaultRecipe } from '../../src/distill/recipe';
import { Balance } from '../../src/distill/weighting/balance';
import { hypergradients } from '../../src/distill/weighting/hint-dynamic/bilevel';
import { TapedPass } from '../../src/engine/taped-pass';
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../../src/engine/tf';
import { describeNetwork } from '../../src/nn/describe';
import { Network } from '../../src/nn/network';
import { Sgd } from '../../src/nn/optimisers';
import { RandomStream } from '../../src/random/streams';
import { bilevelProblem } from '../../src/training/bilevel-problem';
import { StudentPass } from '../../src/training/student-pass';
import { logitsOnlyTrace } from '../../src/training/teacher-view';
import state from './hkd-state.json';

interface Stored {
  shape: number[];
  /** Base64 of float32, little endian. */
  data: string;
}

const classes = 10;
const input: [number, number, number] = [8, 8, 1];

function tensorOf({ shape, data }: Stored): Tensor {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return tf.tensor(new Float32Array(bytes.buffer), shape);
}

function traceOf(name: string) {
  const description = describeNetwork(name, input, classes);
  if ('problem' in description) throw new Error(description.problem);
  return description.trace;
}

/** ||found - exact|| / ||exact|| over all images and losses, per probe length, on the active backend. */
export async function probeErrors(deltas: readonly number[]): Promise<number[]> {
  const recipe = methods.find(({ id }) => id === 'hkd')!.apply(defaultRecipe());
  const pair = {
    input: 'image' as const,
    target: 'class' as const,
    outputs: classes,
    batch: 32,
    student: traceOf('cnn-4-8-16'),
    teacher: traceOf('cnn-16-32-64'),
    names: { student: 'cnn-4-8-16', teacher: 'cnn-16-32-64' },
  };
  const network = Network.create('cnn-4-8-16', input, classes, RandomStream.fork(1, 'probe'));
  const hints = recipe.hints.map(({ id, knobs }) =>
    createHint(id, {
      pair,
      knobs,
      random: RandomStream.fork(1, id),
      scope: `probe/${id}`,
      batch: 32,
      range: { low: [0], high: [1] },
      poolLabels: new Int32Array(32),
      teacher: null,
      newStudent: (random) => Network.create('cnn-4-8-16', input, classes, random),
    }),
  );
  const assign = (variables: ReadonlyMap<string, tf.Variable>, values: Record<string, Stored>) =>
    variables.forEach((variable, name) => tf.tidy(() => variable.assign(tensorOf(values[name]!))));
  assign(network.module.trainable, state.student);
  assign(hints[1]!.module!.trainable, state.regressor);
  const balance = new Balance(2, true, 'probe/balance');
  balance.restore({ mean: [Float32Array.from(state.balance)], started: true });
  const resolved = recipe as ConstructorParameters<typeof StudentPass>[3] extends () => infer R ? R : never;
  const pass = new StudentPass(classification(classes), network, hints, balance, () => resolved);
  const optimiser = new Sgd([...network.module.trainable.values()], state.options);
  const found = tf.tidy(() => {
    const nothing = tf.zeros([32, 1]);
    const batch = {
      inputs: tensorOf(state.images) as Tensor4D,
      teacherInputs: tensorOf(state.images) as Tensor4D,
      targets: tensorOf(state.oneHot) as Tensor2D,
      labelled: state.labelled,
      rows: tf.range(0, 32, 1, 'int32'),
      teacher: {
        ...logitsOnlyTrace(tensorOf(state.teacherLogits)),
        stages: [nothing, tensorOf(state.teacherMap), nothing],
      },
      progress: tf.scalar(0.7),
    };
    const taped = new TapedPass(() => pass.run(batch, { training: true }));
    try {
      const { trace, taskLosses, raw } = taped.value;
      const problem = bilevelProblem({
        pass,
        taped,
        instances: pass.instances(batch, { trace, taskLosses, raw }),
        batch,
        meta: {
          inputs: tensorOf(state.metaImages) as Tensor4D,
          targets: tensorOf(state.metaOneHot) as Tensor2D,
        },
        optimiser,
        learningRate: tf.scalar(state.rate),
      });
      const velocities = state.velocity as Record<string, Stored>;
      const step = { ...problem.step, velocity: (name: string) => tensorOf(velocities[name]!) };
      const gradients = problem.lossGradients(tensorOf(state.weights) as Tensor2D);
      return deltas.map((delta) => hypergradients({ ...problem, step }, gradients, delta).unscaled);
    } finally {
      taped.dispose();
    }
  });
  const errors = await Promise.all(
    found.map(async (tensor) => {
      const values = await tensor.data<'float32'>();
      tensor.dispose();
      const length = (numbers: readonly number[]) => Math.hypot(...numbers);
      return length(state.exact.map((exact, i) => values[i]! - exact)) / length(state.exact);
    }),
  );
  [network, balance, optimiser, ...hints].forEach((owned) => owned.dispose());
  return errors;
}
