import { liveTensor } from '../../../engine/capture/capture';
import { constantOf } from '../../../engine/constant';
import { tf, type Tensor, type Tensor2D, type Tensor3D } from '../../../engine/tf';
import type { Trace } from '../../../nn/network';
import type { HintContext, HintFactory, MethodViewTensors } from '../hint';
import { explanationOf, type introspectiveKnobs } from './about';
import {
  classMaps,
  dealing,
  dealt,
  explanationCosines,
  flatExplanations,
  inputGradients,
  introspectiveLosses,
  introspectiveTargets,
  passedOn,
} from './loss';
import { overLabelled } from '../targets';

type Context = HintContext<typeof introspectiveKnobs>;

export const createIntrospective: HintFactory<typeof introspectiveKnobs> = ({
  pair,
  knobs,
  batch,
  poolLabels,
}) => {
  const classes = pair.outputs;
  const explanation = explanationOf(knobs, pair);
  const isShuffled = knobs.similarity === 'shuffled';
  const deals = isShuffled ? liveTensor<Tensor3D>([batch, classes, classes]) : null;

  /** [B,K] what the targets are made of, constant. */
  const similarities = (student: Trace, context: Context): Tensor2D => {
    const { knobs: live, targets: oneHot, rows, training } = context;
    if (live.similarity === 'uniform') return tf.zerosLike(oneHot);
    const cosines = explanationCosines(flatOf(student, context, { classes, explanation }), oneHot);
    if (!deals) return cosines;
    return training && rows.shape[0] === batch ? dealt(cosines, deals.tensor) : passedOn(cosines, oneHot);
  };
  const targetsOf = (student: Trace, context: Context): Tensor2D =>
    constantOf(() => introspectiveTargets(similarities(student, context), context.targets, context.knobs));

  return {
    module: null,
    ...(deals ? { inputs: [deals] } : {}),
    ...(deals
      ? {
          prepare: ({ rows, random }) => {
            const labels = Array.from(rows, (row) => poolLabels[row]!);
            const order = () => random.shuffle(Int32Array.from({ length: classes - 1 }, (_, place) => place));
            deals.write(dealing(labels, order, classes));
          },
        }
      : {}),
    losses: (student, _teacher, context) => {
      const { targets: oneHot, knobs: live, progress, probe } = context;
      const targets = targetsOf(student, context);
      const lambda = constantOf(() => {
        const isOn = tf.cast(tf.greaterEqual(progress, live.from / 100), 'float32');
        return tf.mul(isOn, live.lambda) as tf.Scalar;
      });
      probe?.(
        'entropy',
        constantOf(() => meanEntropy(targets, oneHot)),
      );
      const { losses } = introspectiveLosses(student.logits, targets, oneHot, {
        lambda,
        temperature: live.temperature,
      });
      return overLabelled(losses, oneHot);
    },
    view: (student, _teacher, context) =>
      viewOf(student, context, { classes, explanation }, targetsOf(student, context)),
    dispose: () => deals?.dispose(),
  };
};

interface Form {
  /** K */
  classes: number;
  explanation: ReturnType<typeof explanationOf>;
}

/** Explanations [B,K,P] of a batch, constant. */
function flatOf(student: Trace, { inputs, own }: Context, { classes, explanation }: Form): Tensor3D {
  if (explanation === 'map') return flatExplanations(classMaps(lastMap(student), own.classifier()), 'map');
  const timesInput = explanation === 'gradient-input';
  return flatExplanations(inputGradients(own.logits, inputs, { classes, timesInput }), 'gradient');
}

/** The last map after a ReLU: of networks that end in a sum, the batch norm behind it is rectified. */
const lastMap = ({ preActivations }: Trace): Tensor => tf.relu(preActivations.at(-1)!);

/** Over rows with a label, in nats. */
function meanEntropy(targets: Tensor2D, oneHot: Tensor2D): tf.Scalar {
  const labelled = tf.sum(oneHot, -1);
  const each = tf.neg(tf.sum(tf.mul(targets, tf.log(tf.maximum(targets, 1e-12))), -1));
  return tf.div(tf.sum(tf.mul(each, labelled)), tf.maximum(tf.sum(labelled), 1));
}

/** Explanations of the right class and of the nearest one, mean cosines between classes, and the targets. */
function viewOf(student: Trace, context: Context, form: Form, targets: Tensor2D): MethodViewTensors {
  const { targets: oneHot } = context;
  const explained = flatOf(student, context, form);
  const cosines = explanationCosines(explained, oneHot);
  const counts = tf.maximum(tf.sum(oneHot, 0), 1);
  const means = tf.div(tf.matMul(oneHot, cosines, true, false), tf.expandDims(counts, -1));
  const panels: MethodViewTensors['panels'] = [];
  if (form.explanation === 'map') {
    const [, height, width] = lastMap(student).shape as [number, number, number];
    const picked = (weights: Tensor) =>
      tf.reshape(tf.sum(tf.mul(explained, tf.expandDims(weights, -1)), 1), [-1, height, width]);
    const others = tf.sub(tf.sub(cosines, 2), tf.mul(oneHot, 4));
    const isNearest = tf.cast(tf.equal(others, tf.max(others, -1, true)), 'float32');
    panels.push(
      { label: 'Explanation of the right class', who: null, kind: 'maps', values: picked(oneHot) },
      { label: 'Of the most similar class', who: null, kind: 'maps', values: picked(isNearest) },
    );
  }
  return {
    line: 'Where the network sees each class, and how alike these places are: row, the right class; column, another one. Similar classes get more of the target.',
    panels: [
      ...panels,
      {
        label: 'Mean similarity of explanations',
        who: null,
        kind: 'levels',
        over: 'classes',
        values: tf.relu(means),
      },
      { label: 'Class probabilities', who: 'teacher', kind: 'bars', values: targets },
      {
        label: 'Class probabilities',
        who: 'student',
        kind: 'bars',
        values: tf.softmax(student.logits as Tensor2D),
      },
    ],
  };
}
