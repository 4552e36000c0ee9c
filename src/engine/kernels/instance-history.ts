/**
 * Features of the network that weights losses per image, and the history of its weights: a few numbers per image,
 * which as stock ops take over a hundred dispatches. One thread per image.
 *
 * The history is a table with a row per image of the pool, read and written in place: see `historyColumns`.
 */
import type { RawKernel } from '../webgpu-backend';
import { softmaxOf } from './logit-losses';
import { flat } from './wgsl';

/** Features per image before those of its hints. */
export const imageStates = 5;

/** Columns of the table: per hint a running mean of weights, a running mean square, and a last loss; then visits. */
export function historyColumns(hints: number): number {
  return 3 * hints + 1;
}

/**
 * labels, student, teacher [B,C], progress [one], losses [B,H], row numbers [B], table -> features [B,5+2H]: see
 * `instanceFeatures` in `engine/instance-weights.ts`.
 */
export function features(batch: number, classes: number, hints: number): RawKernel {
  const columns = historyColumns(hints);
  const all = imageStates + 2 * hints;
  return flat({
    name: 'image features',
    read: [
      'labels: f32',
      'student: f32',
      'teacher: f32',
      'progress: f32',
      'losses: f32',
      'rows: i32',
      'table: f32',
    ],
    write: ['y: f32'],
    threads: batch,
    body: `
      let row = i * ${classes};
      ${softmaxOf('student', classes, 'topS', 'totalS')}
      ${softmaxOf('teacher', classes, 'topT', 'totalT')}
      var ce = 0.0;
      var entropy = 0.0;
      var ofLabel = 0.0;
      var teacherOfLabel = 0.0;
      for (var c = 0; c < ${classes}; c++) {
        let logP = student[row + c] - topS - log(totalS);
        let p = exp(logP);
        ce -= labels[row + c] * logP;
        entropy -= p * logP;
        ofLabel += p * labels[row + c];
        teacherOfLabel += exp(teacher[row + c] - topT) / totalT * labels[row + c];
      }
      let at = i * ${all};
      y[at] = log(1 + ce);
      y[at + 1] = entropy / ${Math.log(classes)};
      y[at + 2] = ofLabel;
      y[at + 3] = teacherOfLabel;
      y[at + 4] = progress[0];
      let past = rows[i] * ${columns};
      let known = min(table[past + ${3 * hints}], 1);
      for (var h = 0; h < ${hints}; h++) {
        let value = log(1 + max(losses[i * ${hints} + h], 0));
        y[at + ${imageStates} + h] = value;
        y[at + ${imageStates + hints} + h] = (value - table[past + ${2 * hints} + h]) * known;
      }`,
  });
}

export interface BlendShape {
  batch: number;
  hints: number;
  /** Columns of `losses` that hold an image's losses, and the number of columns. */
  losses: { first: number; columns: number };
  /** Whether the table is updated. */
  remember: boolean;
}

/**
 * weights [B,H], losses, row numbers [B], rule (momentum, mix), table -> the weights blended with their history, and
 * their spreads [B,H]. Updates the table's rows if `remember` is set.
 */
export function blend({ batch, hints, losses, remember }: BlendShape): RawKernel {
  const read = ['w: f32', 'losses: f32', 'rows: i32', 'rule: f32'];
  const kernel = flat({
    name: 'weights with their history',
    read: remember ? read : [...read, 'table: f32'],
    write: [...(remember ? ['table: f32'] : []), 'used: f32', 'spread: f32'],
    threads: batch,
    body: `
      let past = rows[i] * ${historyColumns(hints)};
      let mu = rule[0];
      let visits = table[past + ${3 * hints}];
      let before = correction(visits, mu);
      let after = correction(visits + 1, mu);
      for (var h = 0; h < ${hints}; h++) {
        let at = i * ${hints} + h;
        let expected = select(table[past + h] / before, w[at], visits == 0);
        let distance = w[at] - expected;
        let mean = mu * table[past + h] + (1 - mu) * w[at];
        let square = mu * table[past + ${hints} + h] + (1 - mu) * distance * distance;
        used[at] = rule[1] * mean / after + (1 - rule[1]) * w[at];
        spread[at] = sqrt(square / after);
        ${
          remember
            ? `table[past + h] = mean;
               table[past + ${hints} + h] = square;
               table[past + ${2 * hints} + h] = losses[i * ${losses.columns} + ${losses.first} + h];`
            : ''
        }
      }
      ${remember ? `table[past + ${3 * hints}] = visits + 1;` : ''}`,
  });
  return { ...kernel, wgsl: `${correction}\n${kernel.wgsl}` };
}

/** 1 - mu^visits, bounded away from 0 so that an unused branch stays finite. */
const correction = `
  fn correction(visits: f32, mu: f32) -> f32 {
    return max(select(1.0, 1 - pow(mu, visits), mu > 0), 1e-12);
  }`;
