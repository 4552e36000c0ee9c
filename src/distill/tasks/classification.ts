/** One of several classes: a softmax and its cross-entropy. */
import type { Targets } from '../../data/dataset';
import { meanCrossEntropy as meanLossOf, softmaxCrossEntropy } from '../../engine/loss-ops';
import { tf, type Tensor1D, type Tensor2D } from '../../engine/tf';
import { calibrationError, reliabilityOf } from '../../nn/calibration';
import {
  accuracy,
  agreements,
  confidences,
  confusion,
  divergences,
  groupMeans,
  meanCrossEntropy,
  predictions,
  softmax,
} from '../../nn/classification-metrics';
import type { RandomStream } from '../../random/streams';
import { taskAbouts } from './about';
import { average } from './average';
import type { Task } from './task';

/** @param classes how many there are */
export function classification(classes: number): Task {
  const fidelity = (output: Float32Array, teacher: Float32Array) => ({
    agreement: Array.from(agreements(output, teacher, classes)),
    kl: Array.from(divergences(teacher, output, classes)),
  });

  return {
    about: taskAbouts.classification,
    outputs: classes,
    width: classes,
    scale: null,
    oneOfMany: true,

    encode({ values }, rows) {
      const targets = new Float32Array(rows.length * classes);
      rows.forEach((row, i) => {
        if (values[row]! >= 0) targets[i * classes + values[row]!] = 1;
      });
      return targets;
    },

    weighRow(encoded, row, factor) {
      for (let c = 0; c < classes; c++) encoded[row * classes + c]! *= factor;
    },

    losses: softmaxCrossEntropy,
    shownLosses: (output, targets) =>
      tf.neg(tf.sum<Tensor1D>(tf.mul(tf.logSoftmax(output as Tensor2D), targets), -1)),
    meanLoss: meanLossOf,

    harden: (output) => tf.cast(tf.oneHot(tf.argMax(output, -1), classes), 'float32') as Tensor2D,

    states(student, teacher, targets) {
      const logs = tf.logSoftmax(student as Tensor2D);
      const probabilities = tf.exp(logs);
      const entropy = tf.neg(tf.sum(tf.mul(probabilities, logs), -1));
      return [
        tf.div<Tensor1D>(entropy, Math.log(classes)),
        tf.sum<Tensor1D>(tf.mul(probabilities, targets), -1),
        tf.sum<Tensor1D>(tf.mul(tf.softmax(teacher as Tensor2D), targets), -1),
      ];
    },

    averageProbabilities(members) {
      return tf.tidy(() => {
        const shares = members.map((logits) => tf.softmax(logits as Tensor2D));
        const mean = tf.div(
          shares.reduce((sum, part) => tf.add(sum, part)),
          shares.length,
        );
        // A class that no member gives any probability would have the logarithm of zero.
        return tf.log(tf.maximum(mean, 1e-12));
      });
    },

    distance(teacher, student, temperature) {
      const p = softmax(teacher, classes, temperature);
      const q = softmax(student, classes, temperature);
      let sum = 0;
      // A probability of zero adds nothing on the teacher's side; on the student's it would be an infinite surprise.
      for (let i = 0; i < p.length; i++)
        if (p[i]! > 0) sum += p[i]! * Math.log(p[i]! / Math.max(q[i]!, 1e-12));
      return (sum * classes) / p.length;
    },

    isWeak: ({ scores }) => scores['accuracy']! < 2 / classes,

    shown: (output) => softmax(output, classes),
    strata: ({ values }) => ({ count: classes, of: Int32Array.from(values, (label) => Math.max(label, 0)) }),

    corrupt({ values }: Targets, rows, percent, kind, random: RandomStream) {
      if (classes < 2) return 0;
      const wrong = Math.round((rows.length * percent) / 100);
      for (const row of random.shuffle([...rows]).slice(0, wrong)) {
        const move = kind === 'next' ? 1 : 1 + random.below(classes - 1);
        values[row] = (values[row]! + move) % classes;
      }
      return wrong;
    },

    measure(output, { values }) {
      return {
        scores: { accuracy: accuracy(output, values, classes) },
        loss: meanCrossEntropy(output, values, classes),
        confusion: confusion(output, values, classes),
        predicted: predictions(output, classes),
      };
    },

    measureFurther(output, { values }, teacher) {
      const right = Float64Array.from(predictions(output, classes), (label, row) =>
        label === values[row] ? 1 : 0,
      );
      const reliability = reliabilityOf(confidences(output, classes), right);
      const perClass = groupMeans(right, values, classes).filter((share) => !Number.isNaN(share));
      const scores = {
        nll: meanCrossEntropy(output, values, classes),
        ece: calibrationError(reliability),
        classMean: average(perClass),
      };
      if (!teacher) return { scores, reliability };
      const near = fidelity(output, teacher);
      return {
        scores: { ...scores, agreement: average(near.agreement), kl: average(near.kl) },
        reliability,
        fidelity: {
          agreement: groupMeans(near.agreement, values, classes),
          kl: groupMeans(near.kl, values, classes),
        },
      };
    },

    fidelity,

    constantScore({ values }) {
      const counts = new Array<number>(classes).fill(0);
      for (const label of values) if (label >= 0) counts[label]! += 1;
      return Math.max(...counts) / values.length;
    },
  };
}
