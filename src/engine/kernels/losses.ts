/**
 * Per-image losses [B] of answers [B,C] or maps [B,size], and their gradients. Classes are few (2 to some hundred), so
 * that a thread takes a whole image; of a squared distance, which may be long, it takes a share of one, and of that
 * one's gradient a vector of numbers. As stock ops, the losses alone took a distillation step of the small CNN (8x8,
 * batch 32) on the software adapter from 60 dispatches to 118, and from 41 ms to 108.
 */
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { flat, vec, widthOf } from './wgsl';

/** Declares `top` and `total`, so that softmax is exp(x - top) / total. */
const softmaxOf = (logits: string, classes: number, top: string, total: string, scale = '') => `
  var ${top} = ${logits}[row]${scale};
  for (var c = 1; c < ${classes}; c++) { ${top} = max(${top}, ${logits}[row + c]${scale}); }
  var ${total} = 0.0;
  for (var c = 0; c < ${classes}; c++) { ${total} += exp(${logits}[row + c]${scale} - ${top}); }`;

/** logits, labels [B,C] -> cross-entropies [B]. */
export function crossEntropy(batch: number, classes: number): RawKernel {
  return flat({
    name: 'cross-entropy',
    read: ['logits: f32', 'labels: f32'],
    write: ['losses: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      ${softmaxOf('logits', classes, 'top', 'total')}
      let shift = top + log(total);
      var sum = 0.0;
      for (var c = 0; c < ${classes}; c++) { sum += labels[row + c] * (shift - logits[row + c]); }
      losses[i] = sum;`,
  });
}

/** dy [B], logits, labels [B,C] -> gradient of the logits. */
export function crossEntropyGradient(batch: number, classes: number, steps: readonly Step[]): RawKernel {
  return flat({
    name: ['cross-entropy gradient', ...steps].join(', '),
    read: ['dy: f32', 'logits: f32', 'labels: f32'],
    write: ['dx: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      ${softmaxOf('logits', classes, 'top', 'total')}
      var labelled = 0.0;
      for (var c = 0; c < ${classes}; c++) { labelled += labels[row + c]; }
      for (var c = 0; c < ${classes}; c++) {
        let gradient = exp(logits[row + c] - top) / total * labelled - labels[row + c];
        dx[row + c] = finish(row + c, dy[i] * gradient);
      }`,
    finish: { steps, channels: classes },
  });
}

/** student, teacher [B,C], temperature [1] -> T^2 * KL(teacher || student) at that temperature, [B]. */
export function temperatureKl(batch: number, classes: number): RawKernel {
  return flat({
    name: 'KL at a temperature',
    read: ['student: f32', 'teacher: f32', 'temperature: f32'],
    write: ['losses: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      let t = temperature[0];
      ${softmaxOf('student', classes, 'topS', 'totalS', ' / t')}
      ${softmaxOf('teacher', classes, 'topT', 'totalT', ' / t')}
      let shift = topS + log(totalS) - topT - log(totalT);
      var sum = 0.0;
      for (var c = 0; c < ${classes}; c++) {
        let p = exp(teacher[row + c] / t - topT) / totalT;
        sum += p * ((teacher[row + c] - student[row + c]) / t + shift);
      }
      losses[i] = sum * t * t;`,
  });
}

/** dy [B], student, teacher [B,C], temperature [1] -> gradient of the student's logits. */
export function temperatureKlGradient(batch: number, classes: number, steps: readonly Step[]): RawKernel {
  return flat({
    name: ['KL gradient', ...steps].join(', '),
    read: ['dy: f32', 'student: f32', 'teacher: f32', 'temperature: f32'],
    write: ['dx: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      let t = temperature[0];
      ${softmaxOf('student', classes, 'topS', 'totalS', ' / t')}
      ${softmaxOf('teacher', classes, 'topT', 'totalT', ' / t')}
      for (var c = 0; c < ${classes}; c++) {
        let q = exp(student[row + c] / t - topS) / totalS;
        let p = exp(teacher[row + c] / t - topT) / totalT;
        dx[row + c] = finish(row + c, dy[i] * t * (q - p));
      }`,
    finish: { steps, channels: classes },
  });
}

/** Shares of an image's numbers in a squared distance: a thread adds up at most this many. */
const longest = 512;

/** In how many shares an image of so many numbers is summed. */
export function distanceShares(size: number): number {
  return Math.ceil(size / longest);
}

/** a, b [B,size] -> [B,shares]: sums of squared differences, each divided by `size`. */
export function squaredDistance(batch: number, size: number): RawKernel {
  const width = widthOf(size);
  const shares = distanceShares(size);
  const [count, type] = [size / width, vec(width)];
  const each = Math.ceil(count / shares);
  return flat({
    name: 'mean squared difference',
    read: [`a: ${type}`, `b: ${type}`],
    write: ['losses: f32'],
    threads: batch * shares,
    body: `
      let share = i % ${shares};
      let image = i / ${shares} * ${count};
      var sum = ${type}();
      for (var n = share * ${each}; n < min((share + 1) * ${each}, ${count}); n++) {
        let d = a[image + n] - b[image + n];
        sum += d * d;
      }
      losses[i] = ${width === 1 ? 'sum' : `dot(sum, ${type}(1))`} / ${size};`,
  });
}

/** dy [B], a, b [B,size] -> gradient of a. */
export function squaredDistanceGradient(batch: number, size: number, steps: readonly Step[]): RawKernel {
  const width = widthOf(size);
  const [count, type] = [size / width, vec(width)];
  return flat({
    name: ['mean squared difference gradient', ...steps].join(', '),
    read: ['dy: f32', `a: ${type}`, `b: ${type}`],
    write: [`dx: ${type}`],
    threads: batch * count,
    body: `dx[i] = finish(i, dy[i / ${count}] * ${2 / size} * (a[i] - b[i]));`,
    finish: { steps, channels: size },
  });
}
