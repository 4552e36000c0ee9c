/** Any number of labels at once: a sigmoid and a binary cross-entropy per label. */
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../engine/tf';
import type { RandomStream } from '../../random/streams';
import { calibrationError, reliabilityOf } from '../../nn/calibration';
import { groupMeans } from '../../nn/classification-metrics';
import { taskAbouts } from './about';
import { average } from './average';
import { lastColumn, meanOf, sumOver, withoutLast } from './known-column';
import type { Task } from './task';

/** The tensor of targets has 0 or 1 per label, and then 1 where they are known. */
export function multilabel(labels: number): Task {
  const losses = (output: Tensor, targets: Tensor) => {
    const wanted = withoutLast(targets, labels);
    const each = tf.sub(tf.softplus(output), tf.mul(output, wanted));
    return tf.mul<Tensor1D>(tf.mean(each, -1), lastColumn(targets, labels));
  };

  return {
    about: taskAbouts.multilabel,
    outputs: labels,
    width: labels + 1,
    scale: null,
    oneOfMany: false,

    encode({ values, known }, rows) {
      const targets = new Float32Array(rows.length * (labels + 1));
      rows.forEach((row, i) => {
        if (known[row] !== 1) return;
        targets.set(values.subarray(row * labels, (row + 1) * labels), i * (labels + 1));
        targets[i * (labels + 1) + labels] = 1;
      });
      return targets;
    },

    weighRow: (encoded, row, factor) => void (encoded[row * (labels + 1) + labels]! *= factor),
    losses,
    shownLosses: losses,
    meanLoss: (output, targets, divisor) => sumOver(losses(output, targets), divisor),

    harden(output) {
      const present = tf.cast(tf.greater(output, 0), 'float32');
      return tf.concat([present, tf.ones([output.shape[0]!, 1])], 1) as Tensor2D;
    },

    states(student, teacher, targets) {
      const wanted = withoutLast(targets, labels);
      const right = (output: Tensor) => {
        const share = tf.sigmoid(output);
        const each = tf.add(tf.mul(share, wanted), tf.mul(tf.sub(1, share), tf.sub(1, wanted)));
        return tf.mul<Tensor1D>(tf.mean(each, -1), lastColumn(targets, labels));
      };
      const share = tf.sigmoid(student);
      const [yes, no] = [tf.softplus(tf.neg(student)), tf.softplus(student)];
      const entropy = tf.add(tf.mul(share, yes), tf.mul(tf.sub(1, share), no));
      return [tf.div<Tensor1D>(tf.mean(entropy, -1), Math.log(2)), right(student), right(teacher)];
    },

    averageProbabilities(members) {
      return tf.tidy(() => {
        const share = meanOf(members.map((logits) => tf.sigmoid(logits)));
        return tf.sub(tf.log(tf.maximum(share, 1e-12)), tf.log(tf.maximum(tf.sub(1, share), 1e-12)));
      });
    },

    distance: (teacher, student, temperature) =>
      average(Array.from(teacher, (z, i) => binaryDivergence(z / temperature, student[i]! / temperature))),

    // One half for each label has a loss of log 2.
    isWeak: ({ loss }) => loss >= Math.LN2,

    shown: (output) => output.map((value) => 1 / (1 + Math.exp(-value))),

    /** By the first label of a row; rows without a label are a group of their own. */
    strata({ values, width }) {
      const of = Int32Array.from({ length: values.length / width }, (_, row) => {
        const first = values.subarray(row * width, (row + 1) * width).indexOf(1);
        return first < 0 ? labels : first;
      });
      return { count: labels + 1, of };
    },

    /** One label of a row, drawn anew for each, is turned from present to absent or back. */
    corrupt({ values, width }, rows, percent, _kind, random: RandomStream) {
      const wrong = Math.round((rows.length * percent) / 100);
      for (const row of random.shuffle([...rows]).slice(0, wrong)) {
        const at = row * width + random.below(labels);
        values[at] = 1 - values[at]!;
      }
      return wrong;
    },

    measure(output, { values, known }) {
      const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
      const each = Array.from({ length: labels }, (_, k) => ({
        scores: rows.map((row) => output[row * labels + k]!),
        truth: rows.map((row) => values[row * labels + k] === 1),
      }));
      const losses = each.flatMap(({ scores, truth }) =>
        scores.map((z, i) => crossEntropy(z, truth[i] ? 1 : 0)),
      );
      // A label that none of the rows has can be neither found nor missed.
      const ofEach = (score: (scores: readonly number[], truth: readonly boolean[]) => number) =>
        each.map(({ scores, truth }) => (truth.includes(true) ? score(scores, truth) : NaN));
      const perTarget = { map: ofEach(averagePrecision), f1: ofEach(f1) };
      const overPresent = (values: readonly number[]) =>
        average(values.filter((value) => !Number.isNaN(value)));
      return {
        scores: { map: overPresent(perTarget.map), f1: overPresent(perTarget.f1) },
        loss: average(losses),
        perTarget,
      };
    },

    measureFurther(output, targets, teacher) {
      const rows = Array.from(targets.known.keys()).filter((row) => targets.known[row] === 1);
      const places = rows.flatMap((row) => Array.from({ length: labels }, (_, k) => row * labels + k));
      const confidence = places.map((at) => 1 / (1 + Math.exp(-output[at]!)));
      const present = places.map((at) => targets.values[at]!);
      const reliability = reliabilityOf(confidence, present);
      const scores = {
        nll: average(places.map((at) => crossEntropy(output[at]!, targets.values[at]!))),
        ece: calibrationError(reliability),
      };
      if (!teacher) return { scores, reliability };
      const near = fidelityOfEach(output, teacher);
      const of = places.map((at) => at % labels);
      const chosen = (all: readonly number[]) => places.map((at) => all[at]!);
      const [agreement, kl] = [chosen(near.agreement), chosen(near.kl)];
      return {
        scores: { ...scores, agreement: average(agreement), kl: average(kl) },
        reliability,
        fidelity: {
          agreement: groupMeans(agreement, of, labels),
          kl: groupMeans(kl, of, labels),
        },
      };
    },

    fidelity(output, teacher) {
      const near = fidelityOfEach(output, teacher);
      const perRow = (all: readonly number[]) =>
        Array.from({ length: all.length / labels }, (_, row) =>
          average(all.slice(row * labels, (row + 1) * labels)),
        );
      return { agreement: perRow(near.agreement), kl: perRow(near.kl) };
    },

    /** Average precision of equal confidences is the label's share of the rows. */
    constantScore({ values, known }) {
      const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
      const shares = Array.from({ length: labels }, (_, k) =>
        average(rows.map((row) => values[row * labels + k]!)),
      ).filter((share) => share > 0);
      return shares.length === 0 ? NaN : average(shares);
    },
  };
}

/** Of one label, from its logit. @param wanted 1 where it is present, else 0 */
function crossEntropy(z: number, wanted: number): number {
  return Math.max(z, 0) - (wanted === 1 ? z : 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** Of each label of each row: whether student and teacher answer the same (1 or 0), and the KL divergence. [N*L] each */
function fidelityOfEach(student: Float32Array, teacher: Float32Array) {
  return {
    agreement: Array.from(student, (z, i) => (z > 0 === teacher[i]! > 0 ? 1 : 0)),
    kl: Array.from(student, (z, i) => binaryDivergence(teacher[i]!, z)),
  };
}

/** KL divergence of two probabilities of one label, from their logits. */
function binaryDivergence(teacher: number, student: number): number {
  const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  const share = 1 / (1 + Math.exp(-teacher));
  const [yes, no] = [softplus(-student) - softplus(-teacher), softplus(student) - softplus(teacher)];
  return share * yes + (1 - share) * no;
}

/**
 * Area under the curve of precision over recall, as scikit-learn's `average_precision_score`: equal scores count
 * together.
 */
export function averagePrecision(scores: readonly number[], truth: readonly boolean[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const all = truth.filter(Boolean).length;
  let [right, seen, area] = [0, 0, 0];
  while (seen < order.length) {
    const score = scores[order[seen]!]!;
    let found = 0;
    do {
      if (truth[order[seen]!]) found++;
      seen++;
    } while (seen < order.length && scores[order[seen]!] === score);
    right += found;
    area += (found / all) * (right / seen);
  }
  return area;
}

/** Of answers above one half (a logit above 0). */
function f1(scores: readonly number[], truth: readonly boolean[]): number {
  const hits = scores.filter((z, i) => z > 0 && truth[i]).length;
  const answered = scores.filter((z) => z > 0).length;
  const wanted = truth.filter(Boolean).length;
  return answered + wanted === 0 ? 0 : (2 * hits) / (answered + wanted);
}
