/**
 * A small network that weighs losses per image, with what it sees, how it learns and what is remembered of its answers:
 * a few numbers per image, which as stock ops take over a hundred dispatches. A thread takes an image.
 */
import type { RawKernel } from '../webgpu-backend';
import { flat } from './wgsl';

/** Declares `top` and `total`, so that softmax is exp(x - top) / total. */
const softmaxOf = (logits: string, classes: number, top: string, total: string) => `
  var ${top} = ${logits}[row];
  for (var c = 1; c < ${classes}; c++) { ${top} = max(${top}, ${logits}[row + c]); }
  var ${total} = 0.0;
  for (var c = 0; c < ${classes}; c++) { ${total} += exp(${logits}[row + c] - ${top}); }`;

/** labels, student, teacher [B,C], ce [B], share [one] -> [B,5]: see `imageState` in `engine/instance-weights.ts`. */
export function imageStates(batch: number, classes: number): RawKernel {
  return flat({
    name: 'image states',
    read: ['labels: f32', 'student: f32', 'teacher: f32', 'ce: f32', 'share: f32'],
    write: ['y: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      ${softmaxOf('student', classes, 'topS', 'totalS')}
      ${softmaxOf('teacher', classes, 'topT', 'totalT')}
      var entropy = 0.0;
      var ofLabel = 0.0;
      var teacherOfLabel = 0.0;
      for (var c = 0; c < ${classes}; c++) {
        let logP = student[row + c] - topS - log(totalS);
        let p = exp(logP);
        entropy -= p * logP;
        ofLabel += p * labels[row + c];
        teacherOfLabel += exp(teacher[row + c] - topT) / totalT * labels[row + c];
      }
      y[i * 5] = log(1 + ce[i]);
      y[i * 5 + 1] = entropy / ${Math.log(classes)};
      y[i * 5 + 2] = ofLabel;
      y[i * 5 + 3] = teacherOfLabel;
      y[i * 5 + 4] = share[0];`,
  });
}

/** states [B,S], losses, logs when last seen [B,H], visits [B] -> states, logs and their changes [B,S+2H], logs [B,H]. */
export function withLosses(batch: number, states: number, hints: number): RawKernel {
  const all = states + 2 * hints;
  return flat({
    name: 'losses and their changes',
    read: ['states: f32', 'losses: f32', 'last: f32', 'visits: f32'],
    write: ['y: f32', 'logs: f32'],
    threads: batch,
    body: `
      for (var n = 0; n < ${states}; n++) { y[i * ${all} + n] = states[i * ${states} + n]; }
      for (var h = 0; h < ${hints}; h++) {
        let at = i * ${hints} + h;
        let value = log(1 + max(losses[at], 0));
        logs[at] = value;
        y[i * ${all} + ${states} + h] = value;
        y[i * ${all} + ${states + hints} + h] = (value - last[at]) * min(visits[i], 1);
      }`,
  });
}

export interface WeigherShape {
  batch: number;
  inputs: number;
  hidden: number;
  hints: number;
  /** Numbers of base weights: one per hint or one for all. */
  bases: number;
}

const parameters = ['kernel1: f32', 'bias1: f32', 'kernel2: f32', 'bias2: f32'];

/** The hidden number `unit` of image `i`, before its ReLU. */
const hiddenUnit = ({ inputs, hidden }: WeigherShape) => `
  var unit = bias1[j];
  for (var k = 0; k < ${inputs}; k++) { unit += x[i * ${inputs} + k] * kernel1[k * ${hidden} + j]; }`;

/** Per hint the number `z` of image `i`; declares it. */
const outputs = (shape: WeigherShape) => `
  var z: array<f32, ${shape.hints}>;
  for (var h = 0; h < ${shape.hints}; h++) { z[h] = bias2[h]; }
  for (var j = 0; j < ${shape.hidden}; j++) {
    ${hiddenUnit(shape)}
    unit = max(unit, 0);
    for (var h = 0; h < ${shape.hints}; h++) { z[h] += unit * kernel2[j * ${shape.hints} + h]; }
  }`;

/** x [B,K], the network's parameters, base [H] -> base * 2 * sigmoid(network) [B,H]. */
export function weigh(shape: WeigherShape): RawKernel {
  const { batch, hints, bases } = shape;
  return flat({
    name: 'instance weights',
    read: ['x: f32', ...parameters, 'base: f32'],
    write: ['w: f32'],
    threads: batch,
    body: `
      ${outputs(shape)}
      for (var h = 0; h < ${hints}; h++) {
        w[i * ${hints} + h] = 2 / (1 + exp(-z[h])) * base[h % ${bases}];
      }`,
  });
}

/** Numbers per image that `weighBackward` leaves for `weigherGradients`. */
export function backwardSize({ hidden, hints }: WeigherShape): number {
  return 2 * hidden + hints;
}

/** x, dw, base and parameters without the last bias's gradient -> per image hidden numbers, their gradients, those of z. */
export function weighBackward(shape: WeigherShape): RawKernel {
  const { batch, hidden, hints, bases } = shape;
  const size = backwardSize(shape);
  return flat({
    name: 'instance weights backward',
    read: ['x: f32', ...parameters, 'base: f32', 'dw: f32'],
    write: ['y: f32'],
    threads: batch,
    body: `
      ${outputs(shape)}
      for (var h = 0; h < ${hints}; h++) {
        let s = 1 / (1 + exp(-z[h]));
        z[h] = dw[i * ${hints} + h] * base[h % ${bases}] * 2 * s * (1 - s);
        y[i * ${size} + ${2 * hidden} + h] = z[h];
      }
      for (var j = 0; j < ${hidden}; j++) {
        ${hiddenUnit(shape)}
        var d = 0.0;
        for (var h = 0; h < ${hints}; h++) { d += z[h] * kernel2[j * ${hints} + h]; }
        y[i * ${size} + j] = max(unit, 0);
        y[i * ${size} + ${hidden} + j] = select(0.0, d, unit > 0);
      }`,
  });
}

/** x, what `weighBackward` gave -> gradients of the four parameters; a thread per number. */
export function weigherGradients(shape: WeigherShape): RawKernel {
  const { batch, inputs, hidden, hints } = shape;
  const size = backwardSize(shape);
  const sum = (value: string) => `
    var sum = 0.0;
    for (var b = 0; b < ${batch}; b++) { let y = b * ${size}; sum += ${value}; }`;
  const [ofKernel1, ofBias1] = [inputs * hidden, hidden];
  const ends = [ofKernel1, ofKernel1 + ofBias1, ofKernel1 + ofBias1 + hidden * hints];
  return flat({
    name: 'instance weights parameter gradients',
    read: ['x: f32', 'parts: f32'],
    write: ['dKernel1: f32', 'dBias1: f32', 'dKernel2: f32', 'dBias2: f32'],
    threads: ends[2]! + hints,
    body: `
      if (i < ${ends[0]}) {
        let k = i / ${hidden};
        ${sum(`x[b * ${inputs} + k] * parts[y + ${hidden} + i % ${hidden}]`)}
        dKernel1[i] = sum;
      } else if (i < ${ends[1]}) {
        let j = i - ${ends[0]};
        ${sum(`parts[y + ${hidden} + j]`)}
        dBias1[j] = sum;
      } else if (i < ${ends[2]}) {
        let at = i - ${ends[1]};
        ${sum(`parts[y + at / ${hints}] * parts[y + ${2 * hidden} + at % ${hints}]`)}
        dKernel2[at] = sum;
      } else {
        let h = i - ${ends[2]};
        ${sum(`parts[y + ${2 * hidden} + h]`)}
        dBias2[h] = sum;
      }`,
  });
}

const correction = `
  fn correction(visits: f32, mu: f32) -> f32 {
    return max(select(1.0, 1 - pow(mu, visits), mu > 0), 1e-12);
  }`;

/** mean, square, weights [B,H], visits [B], rule (momentum, mix) -> the next mean, square and visits. */
export function remembered(batch: number, hints: number): RawKernel {
  return withFunction(
    correction,
    flat({
      name: 'weights remembered',
      read: ['mean: f32', 'square: f32', 'visits: f32', 'w: f32', 'rule: f32'],
      write: ['nextMean: f32', 'nextSquare: f32', 'nextVisits: f32'],
      threads: batch,
      body: `
        let mu = rule[0];
        for (var at = i * ${hints}; at < (i + 1) * ${hints}; at++) {
          let expected = select(mean[at] / correction(visits[i], mu), w[at], visits[i] == 0);
          let distance = w[at] - expected;
          nextMean[at] = mu * mean[at] + (1 - mu) * w[at];
          nextSquare[at] = mu * square[at] + (1 - mu) * distance * distance;
        }
        nextVisits[i] = visits[i] + 1;`,
    }),
  );
}

/** What `remembered` gave, weights, rule -> the weights to be used and their spreads [B,H]. */
export function blended(batch: number, hints: number): RawKernel {
  return withFunction(
    correction,
    flat({
      name: 'weights with their history',
      read: ['mean: f32', 'square: f32', 'visits: f32', 'w: f32', 'rule: f32'],
      write: ['used: f32', 'spread: f32'],
      threads: batch * hints,
      body: `
        let after = correction(visits[i / ${hints}], rule[0]);
        used[i] = rule[1] * mean[i] / after + (1 - rule[1]) * w[i];
        spread[i] = sqrt(square[i] / after);`,
    }),
  );
}

function withFunction(code: string, kernel: RawKernel): RawKernel {
  return { ...kernel, wgsl: `${code}\n${kernel.wgsl}` };
}

/**
 * ahead, behind (losses at the probes), norm, eps, factor [one each] -> minus the slope, with and without the factor; 0
 * where there is none.
 */
export function slopes(count: number): RawKernel {
  return flat({
    name: 'slopes along a probe',
    read: ['ahead: f32', 'behind: f32', 'norm: f32', 'eps: f32', 'factor: f32'],
    write: ['values: f32', 'unscaled: f32'],
    threads: count,
    body: `
      let slope = (ahead[i] - behind[i]) / (2 * eps[0]);
      // The bits, because a compiler may take for granted that all numbers are finite.
      let finite = (bitcast<u32>(slope) & 0x7f800000u) != 0x7f800000u;
      let lesson = select(0.0, -slope, finite && norm[0] > 1e-8);
      values[i] = lesson * factor[0];
      unscaled[i] = lesson;`,
  });
}

/** hypergradients, weights [B,H] -> [2H]: per hint the length of the first, then the deviation of the second. */
export function lengthAndDeviation(batch: number, hints: number): RawKernel {
  return flat({
    name: 'length and deviation per hint',
    read: ['x: f32', 'w: f32'],
    write: ['y: f32'],
    threads: hints,
    body: `
      var squares = 0.0;
      var sum = 0.0;
      for (var b = 0; b < ${batch}; b++) {
        let value = x[b * ${hints} + i];
        squares += value * value;
        sum += w[b * ${hints} + i];
      }
      let mean = sum / ${batch};
      var distances = 0.0;
      for (var b = 0; b < ${batch}; b++) {
        let distance = w[b * ${hints} + i] - mean;
        distances += distance * distance;
      }
      y[i] = sqrt(squares);
      y[${hints} + i] = sqrt(distances / ${batch});`,
  });
}
