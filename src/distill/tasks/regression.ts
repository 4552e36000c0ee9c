/** One or several numbers: squared errors of values that are brought to mean 0 and deviation 1. */
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../engine/tf';
import type { RandomStream } from '../../random/streams';
import { taskAbouts } from './about';
import { average } from './average';
import { lastColumn, meanOf, sumOver, withoutLast } from './known-column';
import type { NumberScale, Task } from './task';

/** Groups of rows: tenths of the range of ranks of the first number. */
const tenths = 10;

/** The tensor of targets has the numbers, standardised, and then 1 where they are known. */
export function regression({ mean, deviation }: NumberScale): Task {
  const numbers = mean.length;
  const errors = (output: Tensor, targets: Tensor) =>
    tf.mean<Tensor1D>(tf.square(tf.sub(output, withoutLast(targets, numbers))), -1);
  /** What a standard deviation counts: itself for one number; several have several units, so there it counts 1. */
  const unitOf = (t: number) => (numbers === 1 ? deviation[t]! : 1);
  /** Squared differences in standard deviations, [N*numbers]. */
  const squaresOf = (first: Float32Array, second: Float32Array) =>
    Array.from(first, (value, i) => (value - second[i]!) ** 2);
  const losses = (output: Tensor, targets: Tensor) =>
    tf.mul<Tensor1D>(errors(output, targets), lastColumn(targets, numbers));

  return {
    about: taskAbouts.regression,
    outputs: numbers,
    width: numbers + 1,
    scale: { mean, deviation },
    oneOfMany: false,

    encode({ values, known }, rows) {
      const targets = new Float32Array(rows.length * (numbers + 1));
      rows.forEach((row, i) => {
        if (known[row] !== 1) return;
        const at = i * (numbers + 1);
        for (let t = 0; t < numbers; t++)
          targets[at + t] = (values[row * numbers + t]! - mean[t]!) / deviation[t]!;
        targets[at + numbers] = 1;
      });
      return targets;
    },

    weighRow: (encoded, row, factor) => void (encoded[row * (numbers + 1) + numbers]! *= factor),
    losses,
    shownLosses: losses,
    meanLoss: (output, targets, divisor) => sumOver(losses(output, targets), divisor),
    harden: (output) => tf.concat([output, tf.ones([output.shape[0]!, 1])], 1) as Tensor2D,

    states(student, teacher, targets) {
      const error = (output: Tensor) => {
        const each = tf.abs(tf.sub(output, withoutLast(targets, numbers)));
        return tf.mul<Tensor1D>(tf.mean(each, -1), lastColumn(targets, numbers));
      };
      const ofStudent = error(student);
      return [tf.zerosLike(ofStudent), ofStudent, error(teacher)];
    },

    averageProbabilities: (members) => meanOf(members),

    distance: (teacher, student) => average(Array.from(teacher, (value, i) => (value - student[i]!) ** 2)),

    // The mean of all targets has a squared error of 1 deviation.
    isWeak: ({ loss }) => loss >= 1,

    shown: (output) => output.map((value, i) => value * deviation[i % numbers]! + mean[i % numbers]!),

    strata({ values, width }) {
      const count = values.length / width;
      const order = Array.from({ length: count }, (_, row) => row).sort(
        (a, b) => values[a * width]! - values[b * width]! || a - b,
      );
      const of = new Int32Array(count);
      order.forEach((row, rank) => (of[row] = Math.floor((rank * tenths) / count)));
      return { count: tenths, of };
    },

    /** Values are exchanged between rows, so that their distribution stays. */
    corrupt({ values, width }, rows, percent, _kind, random: RandomStream) {
      const wrong = Math.round((rows.length * percent) / 100);
      const chosen = random.shuffle([...rows]).slice(0, wrong);
      if (chosen.length < 2) return 0;
      const before = chosen.map((row) => values.slice(row * width, (row + 1) * width));
      chosen.forEach((row, i) => values.set(before[(i + 1) % chosen.length]!, row * width));
      return chosen.length;
    },

    measure(output, { values, known }) {
      const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
      const each = mean.map((_, t) => {
        const truth = rows.map((row) => values[row * numbers + t]!);
        const error = rows.map((row, i) => output[row * numbers + t]! * deviation[t]! + mean[t]! - truth[i]!);
        const centre = average(truth);
        const spread = average(truth.map((value) => (value - centre) ** 2));
        const squared = average(error.map((value) => value ** 2));
        // Several numbers have several units: their errors are counted in deviations.
        const unit = numbers === 1 ? 1 : deviation[t]!;
        return {
          own: { mae: average(error.map(Math.abs)), rmse: Math.sqrt(squared) },
          mae: average(error.map(Math.abs)) / unit,
          squared: squared / unit ** 2,
          standardised: squared / deviation[t]! ** 2,
          r2: spread > 0 ? 1 - squared / spread : 0,
        };
      });
      return {
        scores: {
          mae: average(each.map(({ mae }) => mae)),
          rmse: Math.sqrt(average(each.map(({ squared }) => squared))),
          r2: average(each.map(({ r2 }) => r2)),
        },
        loss: average(each.map(({ standardised }) => standardised)),
        perTarget: {
          mae: each.map(({ own }) => own.mae),
          rmse: each.map(({ own }) => own.rmse),
          r2: each.map(({ r2 }) => r2),
        },
      };
    },

    measureFurther(output, { known }, teacher) {
      if (!teacher) return { scores: {} };
      const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
      const squares = squaresOf(output, teacher);
      const each = mean.map((_, t) => average(rows.map((row) => squares[row * numbers + t]!)));
      return {
        scores: { difference: Math.sqrt(average(each.map((square, t) => square * unitOf(t) ** 2))) },
        fidelity: { difference: each.map((square, t) => Math.sqrt(square) * deviation[t]!) },
      };
    },

    fidelity(output, teacher) {
      const squares = squaresOf(output, teacher);
      return {
        difference: Array.from({ length: output.length / numbers }, (_, row) =>
          Math.sqrt(average(mean.map((__, t) => squares[row * numbers + t]! * unitOf(t) ** 2))),
        ),
      };
    },

    constantScore({ values, known }) {
      const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
      if (rows.length === 0) return NaN;
      const each = mean.map((_, t) => {
        const truth = rows.map((row) => values[row * numbers + t]!).sort((a, b) => a - b);
        const median = truth[truth.length >> 1]!;
        return (average(truth.map((value) => Math.abs(value - median))) * unitOf(t)) / deviation[t]!;
      });
      return average(each);
    },
  };
}
