/** Where a run stands, as `stopped.py` reads it: the state of the folder's own parts (`Training.parts`), and their arrays. */
import { prefixedNames, type NamedArray, type NamedSlots } from '../../nn/layouts';
import type { StoredArray } from '../../nn/safetensors';
import type { ExportBundle } from '../../training/export-bundle';
import type { StoppedOrder, StoppedState } from '../../training/stopped-state';

/** What PyTorch's optimisers call what they remember. */
const torchSlots: Readonly<Record<string, string>> = {
  velocity: 'momentum_buffer',
  first: 'exp_avg',
  second: 'exp_avg_sq',
};

/** What our own one does (`optimisers/dot.py`). */
const dotSlots: Readonly<Record<string, string>> = { task: 'labels', distillation: 'hints' };

type Tree = { [name: string]: unknown };

/** Null where a run cannot go on from where it stands, or has reached its end. */
export const stoppedStateOf = ({ stopped }: ExportBundle): StoppedState | null =>
  stopped && 'done' in stopped ? stopped : null;

export interface StoppedFiles {
  /** The state, with `{array: NAME}` in the place of each array. */
  state: Tree;
  arrays: StoredArray[];
}

export function stoppedFiles(
  { recipe, hintKeys }: Pick<ExportBundle, 'recipe' | 'hintKeys'>,
  stopped: StoppedState,
): StoppedFiles {
  const arrays = new Arrays();
  const learner = arrays.tree([
    ...prefixedNames(stopped.student, 'student'),
    ...prefixedNames(stopped.hints, 'hints'),
  ]);
  for (const [module, slots] of Object.entries(stopped.hintSlots))
    learner[`hints.${module}._extra_state`] = arrays.slots(`hints.${module}`, slots);
  const state = {
    setting: {
      title: recipe.title,
      seed: recipe.seed,
      losses: hintKeys,
      steps: recipe.schedule.steps,
      batch: stopped.batch,
      rate: recipe.schedule.learningRate,
    },
    done: stopped.done,
    parts: {
      learner,
      descent: descentOf('descent', stopped.slots, arrays),
      ...(hintKeys.length > 0 ? { weighting: weightingOf(stopped, arrays) } : {}),
      ...(recipe.teacher.kind === 'none' ? {} : { teacher: teacherOf(stopped, arrays) }),
      batches: batchesOf(stopped, arrays),
      ...(stopped.batches.strong ? { strong: streamOf(stopped.batches.strong) } : {}),
      stage: { begun: stopped.stage.from, staged: stopped.stage.steps },
    },
  };
  return { state, arrays: arrays.all };
}

/** The arrays of a state, each under a name of its own. */
class Arrays {
  readonly all: StoredArray[] = [];

  add(array: StoredArray): Tree {
    this.all.push(array);
    return { array: array.name };
  }

  /** Arrays by their names. @param prefix of the names in the file alone */
  tree(named: readonly NamedArray[], prefix = ''): Tree {
    const file = prefixedNames(named, prefix);
    return Object.fromEntries(named.map(({ name }, i) => [name, this.add(file[i]!)]));
  }

  /** What one of PyTorch's optimisers remembers, by the names of parameters. */
  slots(prefix: string, { steps, slots }: NamedSlots): Tree {
    const isCounted = 'first' in slots;
    const step = this.number(`${prefix}/step`, steps);
    const of: Record<string, Tree> = {};
    for (const [kind, arrays] of Object.entries(slots))
      for (const array of arrays)
        (of[array.name] ??= isCounted ? { step } : {})[torchSlots[kind]!] = this.add({
          ...array,
          name: `${prefix}/${kind}/${array.name}`,
        });
    return of;
  }

  private number(name: string, value: number): Tree {
    return this.add({ name, shape: [], data: Float32Array.of(value) });
  }
}

function descentOf(prefix: string, { slots, steps }: NamedSlots, arrays: Arrays): Tree {
  if (!('task' in slots)) return { slots: arrays.slots(prefix, { slots, steps }) };
  const parts = Object.entries(slots).map(([kind, named]) => [
    dotSlots[kind]!,
    arrays.tree(named, `${prefix}/${kind}`),
  ]);
  return Object.fromEntries(parts) as Tree;
}

function weightingOf({ weighting, balance, meta }: StoppedState, arrays: Arrays): Tree {
  const means = balance && arrays.add({ name: 'balance', shape: [1, balance.length], data: balance });
  return {
    ...(means ? { balance: { means } } : {}),
    ...(weighting
      ? {
          network: arrays.tree(weighting.values, 'weighting'),
          slots: arrays.slots('weighting', weighting.slots),
          history: arrays.tree(weighting.remembered, 'history'),
          meta: meta ? orderOf('meta', meta, arrays) : {},
        }
      : {}),
  };
}

function teacherOf({ teacher: { descent, moving, modules = {} } }: StoppedState, arrays: Arrays): Tree {
  const extra = Object.entries(modules).map(([module, slots]) => [
    `${module}._extra_state`,
    arrays.slots(`teacher.${module}`, slots),
  ]);
  return {
    ...(extra.length > 0 ? { network: Object.fromEntries(extra) as Tree } : {}),
    ...(descent ? { descent: descentOf('teacher', descent, arrays) } : {}),
    ...(moving ? { moving: descentOf('moving', moving, arrays) } : {}),
  };
}

function batchesOf({ batches, balanced }: StoppedState, arrays: Arrays): Tree {
  const { labelled, unlabelled, augmentation, partners } = batches;
  return {
    labelled: orderOf('labelled', labelled, arrays),
    ...(unlabelled
      ? { unlabelled: { ...orderOf('unlabelled', unlabelled, arrays), ...topsOf(balanced, arrays) } }
      : {}),
    ...(augmentation ? { moves: streamOf(augmentation) } : {}),
    ...(partners ? { partners: streamOf(partners) } : {}),
  };
}

/** As `balanced.py` has them. */
const topsOf = (balanced: StoppedState['balanced'], arrays: Arrays): Tree =>
  balanced ? { tops: arrays.add({ name: 'tops', shape: [balanced.length], data: balanced }) } : {};

function orderOf(name: string, { rows, cursor, random }: StoppedOrder, arrays: Arrays): Tree {
  return {
    rows: arrays.add({ name: `order/${name}`, shape: [rows.length], data: rows }),
    at: cursor,
    stream: streamOf(random),
  };
}

/** The words of a stream's state are signed here, and unsigned in `streams.py`. */
const streamOf = (state: readonly number[]): Tree => ({ words: state.map((word) => word >>> 0) });
