/** For tables of two columns: what each network predicts over the whole plane, as a view. */
import { onlyView, targetsOf, type Dataset, type Split } from '../data/dataset';
import type { Material } from '../distill/material/material';
import type { Feed, Normalisation } from '../distill/modalities/input-source';
import type { PlaneArea, PlaneView } from '../distill/views';
import { RandomStream } from '../random/streams';
import { logitsOf, stratifiedSample, type LogitsFn } from './evaluate';
import type { Learner } from './events';

/** Cells across and upwards. */
const side = 48;
/** Rows that a network answers for a view. */
export const planeCells = side * side;
const mostPoints = 400;
/** More would hide the areas and each other. */
const mostArrows = 40;
/** Room around the training rows, as a share of their range. */
const margin = 0.12;

export interface PlaneLearner {
  learner: Learner;
  answers: LogitsFn;
  /** Predictions of a version are computed once; null where they change with every step. */
  version: number | null;
}

/** Whether a boundary can be drawn: rows of exactly two numbers. */
export function isPlane({ inputs }: Pick<Dataset, 'inputs'>): boolean {
  const spec = inputs[onlyView];
  return spec?.kind === 'vector' && spec.names.length === 2;
}

export class PlaneViews {
  private readonly material: Material;
  private readonly feed: Feed;
  private readonly fixed: Omit<PlaneView, 'areas'>;
  private readonly grid: Split;
  private readonly rows = Int32Array.from({ length: planeCells }, (_, row) => row);
  private readonly known = new Map<Learner, { version: number; area: PlaneArea }>();

  constructor(material: Material, feed: Feed, seed: number) {
    this.material = material;
    this.feed = feed;
    const { dataset } = material;
    const spec = dataset.inputs[onlyView]!;
    const ranges = [0, 1].map((column) => rangeOf(dataset.train, column));
    const shows = ({ class: 'classes', labels: 'labels', number: 'numbers' } as const)[dataset.target.kind];
    this.fixed = {
      view: 'plane',
      title: shows === 'numbers' ? 'Predicted numbers' : 'Decision areas',
      columns: spec.kind === 'vector' ? spec.names : [],
      ranges,
      side,
      shows,
      ...(shows === 'numbers' ? { numbers: numberRange(dataset.train) } : {}),
      points: pointsOf(material, seed),
    };
    this.grid = gridOf(ranges, dataset.train);
  }

  /** The plane as the networks divide it now. @param moves [N*2*2] normalised rows before and after a loss has moved them */
  async view(learners: readonly PlaneLearner[], moves: Float32Array | null = null): Promise<PlaneView> {
    const areas: PlaneArea[] = [];
    for (const { learner, answers, version } of learners) {
      const before = this.known.get(learner);
      const area =
        version !== null && before?.version === version ? before.area : await this.area(learner, answers);
      if (version !== null) this.known.set(learner, { version, area });
      areas.push(area);
    }
    return { ...this.fixed, areas, ...(moves ? { arrows: this.arrowsOf(moves) } : {}) };
  }

  /** In units of the file, without rows that stayed, and not more than can be told apart. */
  private arrowsOf(moves: Float32Array): Float32Array {
    const { mean, deviation } = this.feed.normalisation as Normalisation<readonly number[]>;
    const arrows: number[] = [];
    for (let at = 0; at < moves.length; at += 4) {
      const ends = moves.subarray(at, at + 4);
      if (ends[0] === ends[2] && ends[1] === ends[3]) continue;
      arrows.push(...ends.map((value, i) => value * deviation[i % 2]! + mean[i % 2]!));
    }
    return Float32Array.from(arrows.slice(0, 4 * mostArrows));
  }

  private async area(who: Learner, answers: LogitsFn): Promise<PlaneArea> {
    const { task } = this.material;
    const { grid, rows } = this;
    const { source, normalisation } = this.feed;
    const logits = await logitsOf(answers, source, grid, rows, normalisation, task.outputs);
    const shown = task.shown(logits);
    const { numbers } = this.fixed;
    const cells = new Uint16Array(rows.length);
    const levels = new Uint8Array(rows.length);
    for (const row of rows) {
      const values = shown.subarray(row * task.outputs, (row + 1) * task.outputs);
      if (numbers) {
        const span = numbers.high - numbers.low || 1;
        levels[row] = byteOf((values[0]! - numbers.low) / span);
        continue;
      }
      let top = 0;
      for (let k = 1; k < values.length; k++) if (values[k]! > values[top]!) top = k;
      cells[row] = top;
      levels[row] = byteOf(values[top]!);
    }
    return { who, cells, levels };
  }
}

const byteOf = (share: number) => Math.round(255 * Math.min(1, Math.max(0, share)));

function rangeOf({ inputs, count }: Split, column: number): { low: number; high: number } {
  const { values } = inputs[onlyView]!;
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0; row < count; row++) {
    const value = values[row * 2 + column]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = margin * (high - low || 1);
  return { low: low - room, high: high + room };
}

function numberRange(train: Split): { low: number; high: number } {
  const { values, width, known } = targetsOf(train);
  let [low, high] = [Infinity, -Infinity];
  known.forEach((is, row) => {
    if (is !== 1) return;
    low = Math.min(low, values[row * width]!);
    high = Math.max(high, values[row * width]!);
  });
  return low <= high ? { low, high } : { low: 0, high: 1 };
}

/** One row per cell, at its middle, from the lowest value of the second column upwards. */
function gridOf([across, up]: readonly { low: number; high: number }[], { targets }: Split): Split {
  const values = new Float32Array(2 * planeCells);
  const at = ({ low, high }: { low: number; high: number }, cell: number) =>
    low + ((cell + 0.5) / side) * (high - low);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      values[2 * (y * side + x)] = at(across!, x);
      values[2 * (y * side + x) + 1] = at(up!, y);
    }
  return {
    count: planeCells,
    inputs: { [onlyView]: { values, shape: [2] } },
    targets: { ...targets, values: targets.values.slice(0, 0) },
    known: new Uint8Array(planeCells),
  };
}

function pointsOf(
  { dataset, task, given, labelled, unlabelled }: Material,
  seed: number,
): PlaneView['points'] {
  const truth = targetsOf(dataset.train);
  const rows = stratifiedSample(
    [...labelled, ...unlabelled],
    task.strata(truth),
    mostPoints,
    RandomStream.fork(seed, 'plane'),
  );
  const { values } = dataset.train.inputs[onlyView]!;
  return {
    at: Float32Array.from({ length: 2 * rows.length }, (_, i) => values[rows[i >> 1]! * 2 + (i % 2)]!),
    target: Float32Array.from(rows, (row) => {
      const of = truth.values.subarray(row * truth.width, (row + 1) * truth.width);
      return dataset.target.kind === 'labels' ? of.indexOf(1) : of[0]!;
    }),
    labelled: Uint8Array.from(rows, (row) => given.known[row]!),
  };
}
