/**
 * Per-image losses [B] of logits [B,C], and their gradients, several losses of the same logits in one dispatch. One
 * thread per image, because classes are few (2 to some hundred). As stock ops, the losses alone took a distillation
 * step of the small CNN (8x8, batch 32) on the software adapter from 60 dispatches to 118, and from 41 ms to 108.
 */
import { seriesBound } from '../divergence';
import type { Place, Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { flat, lines } from './wgsl';

/**
 * Losses by target: labels [B,C] -> cross-entropy; or a teacher's logits [B,C] and a temperature [one] -> T^2 *
 * KL(teacher || logits) at that temperature.
 */
export type LogitLoss = 'cross-entropy' | 'KL at a temperature';

/** Declares `top` and `total`, so that softmax is exp(x - top) / total. */
export const softmaxOf = (logits: string, classes: number, top: string, total: string, scale = '') => `
  var ${top} = ${logits}[row]${scale};
  for (var c = 1; c < ${classes}; c++) { ${top} = max(${top}, ${logits}[row + c]${scale}); }
  var ${total} = 0.0;
  for (var c = 0; c < ${classes}; c++) { ${total} += exp(${logits}[row + c]${scale} - ${top}); }`;

/** Index of the number of image `i` in a vector, or in a column of a matrix. */
export const numberOf = (place: Place | undefined): string =>
  place ? `i * ${place.columns} + ${place.column}` : 'i';

const reads = (loss: LogitLoss, n: number): string[] =>
  loss === 'cross-entropy' ? [`target${n}: f32`] : [`target${n}: f32`, `temperature${n}: f32`];

/** Softmax of the logits, and for a KL of the target, at the temperature `t`. */
const softmaxes = (loss: LogitLoss, classes: number, n: number): string =>
  loss === 'cross-entropy'
    ? softmaxOf('logits', classes, `top${n}`, `total${n}`)
    : `
  let t${n} = temperature${n}[0];
  ${softmaxOf('logits', classes, `top${n}`, `total${n}`, ` / t${n}`)}
  ${softmaxOf(`target${n}`, classes, `topT${n}`, `totalT${n}`, ` / t${n}`)}`;

const lossOf = (loss: LogitLoss, classes: number, n: number, store: (value: string) => string): string =>
  loss === 'cross-entropy'
    ? `{
      // Logits are large beside a small loss: their largest is taken off before anything is added.
      let shift = log(total${n});
      var sum = 0.0;
      for (var c = 0; c < ${classes}; c++) { sum += target${n}[row + c] * (shift - (logits[row + c] - top${n})); }
      ${store('sum')}
    }`
    : `{
      let shift = log(total${n}) - log(totalT${n});
      var sum = 0.0;
      for (var c = 0; c < ${classes}; c++) {
        let ofTarget = target${n}[row + c] / t${n} - topT${n};
        let own = logits[row + c] / t${n} - top${n};
        let p = exp(ofTarget) / totalT${n};
        let q = exp(own) / total${n};
        let r = ofTarget - own + shift;
        // As in engine/divergence.ts: without the terms that cancel in the sum of p r.
        let series = 0.5 - r * (1.0 / 6.0 - r * (1.0 / 24.0 - r * (1.0 / 120.0 - r / 720.0)));
        sum += select(p * r + (q - p), p * r * r * series, abs(r) < ${seriesBound});
      }
      ${store(`sum * t${n} * t${n}`)}
    }`;

/**
 * logits, operands of each loss -> each loss [B]
 * @param place of the first loss, if it is stored into a column; the steps apply to it
 */
export function logitLosses(
  batch: number,
  classes: number,
  losses: readonly LogitLoss[],
  steps: readonly Step[],
  place?: Place,
): RawKernel {
  const store = (n: number) => (value: string) =>
    n === 0 ? `losses0[${numberOf(place)}] = finish(i, ${value});` : `losses${n}[i] = ${value};`;
  return flat({
    name: [...losses, ...steps].join(', '),
    read: ['logits: f32', ...losses.flatMap(reads)],
    write: losses.map((_, n) => `losses${n}: f32`),
    threads: batch,
    body: `
      let row = i * ${classes};
      ${lines(losses.length, (n) => softmaxes(losses[n]!, classes, n))}
      ${lines(losses.length, (n) => lossOf(losses[n]!, classes, n, store(n)))}`,
    finish: { steps, channels: batch },
  });
}

/** A loss whose gradient is computed, and the position of its dy. */
export interface GradientTerm {
  loss: LogitLoss;
  dy?: Place;
}

/** logits, per loss dy and its operands -> the sum of their gradients with respect to the logits. */
export function logitLossGradients(
  batch: number,
  classes: number,
  terms: readonly GradientTerm[],
  steps: readonly Step[],
): RawKernel {
  const prepare = ({ loss, dy }: GradientTerm, n: number) => `
    ${softmaxes(loss, classes, n)}
    let dy${n} = d${n}[${numberOf(dy)}];
    ${
      loss === 'cross-entropy'
        ? `
    var labelled${n} = 0.0;
    for (var c = 0; c < ${classes}; c++) { labelled${n} += target${n}[row + c]; }`
        : ''
    }`;
  const term = ({ loss }: GradientTerm, n: number) =>
    loss === 'cross-entropy'
      ? `dy${n} * (exp(logits[row + c] - top${n}) / total${n} * labelled${n} - target${n}[row + c])`
      : `dy${n} * t${n} * (exp(logits[row + c] / t${n} - top${n}) / total${n}
          - exp(target${n}[row + c] / t${n} - topT${n}) / totalT${n})`;
  return flat({
    name: [...terms.map(({ loss }) => `${loss} gradient`), ...steps].join(', '),
    read: ['logits: f32', ...terms.flatMap(({ loss }, n) => [`d${n}: f32`, ...reads(loss, n)])],
    write: ['dx: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      ${terms.map(prepare).join('\n')}
      for (var c = 0; c < ${classes}; c++) {
        ${terms.map((one, n) => `let v${n} = ${term(one, n)};`).join('\n')}
        dx[row + c] = finish(row + c, ${terms.map((_, n) => `v${n}`).join(' + ')});
      }`,
    finish: { steps, channels: classes },
  });
}
