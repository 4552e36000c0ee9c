import { beforeAll, describe, expect, it } from 'vitest';
import { hintAbouts, hintIds } from '../../../src/distill/hints/abouts';
import type { Knobs } from '../../../src/distill/knobs';
import { teacherAbouts, type TeacherKind } from '../../../src/distill/teachers/abouts';
import { weightingAbouts } from '../../../src/distill/weighting/abouts';
import { tf } from '../../../src/engine/tf';
import { RandomStream } from '../../../src/random/streams';
import { isLong } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train, withShortGeneration } from './tiny';

beforeAll(useWasm);

/** Recorded answers need files, and have tests of their own. */
const kinds = (Object.keys(teacherAbouts) as TeacherKind[]).filter((kind) => kind !== 'recorded');
const steps = 5;

/** Small values for knobs that cost time, where a kind of teacher or a weighting has them. */
const cheap: Record<string, number | string> = {
  source: 'train',
  network: 'cnn-4-8',
  epochs: 1,
  batch: 20,
  members: 2,
  branches: 2,
  metaInterval: 1,
  metaWarmup: 0,
  metaPerClass: 4,
  metaBatch: 8,
  metaHidden: 16,
  searchSteps: 4,
};

/** Knobs that change what kind of teacher it is. */
const turned: Partial<Record<TeacherKind, (pick: <T>(from: readonly T[]) => T) => Record<string, string>>> = {
  adapting: (pick) => ({ adapt: pick(['mmd', 'none']), order: pick(['together', 'first']) }),
  ensemble: (pick) => ({ mode: pick(['average', 'switch', 'augment']) }),
};

const materials = [
  {},
  { labelsPerClass: 8, unlabelled: 20 },
  { unlabelled: 20, unlabelledFrom: 'stimuli', balance: true, realShare: 25 },
  { unlabelled: 20, unlabelledFrom: 'stimuli', realShare: 0 },
  { unlabelled: 60, unlabelledFrom: 'second-domain' },
  { unlabelled: 20, unlabelledFrom: 'generated', labelsPerClass: 8 },
];

/** Any kind of teacher, any hints, any weighting, any source of unlabelled images, the student at half size or not. */
function composition(seed: number) {
  const random = RandomStream.fork(seed, 'composition');
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const kind = pick(kinds);
  const weighting = pick(Object.keys(weightingAbouts)) as keyof typeof weightingAbouts;
  const hints = Array.from({ length: 1 + random.below(3) }, () => ({
    id: pick(hintIds),
    weight: 0.1,
    shuffled: random.below(4) === 0,
  })).map((hint) => ({ ...hint, knobs: cheapOf(hintAbouts[hint.id].knobs as Knobs) }));
  // From streams of their own, so that what is drawn above stays what it was.
  const isDeep = RandomStream.fork(seed, 'deep').below(3) === 0;
  const stops = RandomStream.fork(seed, 'stop').below(4) === 0;
  return withShortGeneration(
    tinyRecipe({
      seed,
      teacher: {
        kind,
        knobs: {
          ...cheapOf(teacherAbouts[kind].knobs as Knobs),
          ...(isDeep && 'network' in teacherAbouts[kind].knobs ? { network: 'cnn2-4-8' } : {}),
          ...turned[kind]?.(pick),
        },
      },
      hints,
      weighting: { id: weighting, knobs: cheapOf(weightingAbouts[weighting].knobs as Knobs) },
      student: {
        network: pick(['cnn-2-4', 'cnn-4-8', 'mlp-8']),
        ...(random.below(3) === 0
          ? {
              bitsWeights: pick(['2', '4', '32']),
              bitsActivations: pick(['2', '8']),
              quantizer: pick(['scaled', 'dorefa']),
            }
          : {}),
        view: RandomStream.fork(seed, 'view').below(3) === 0 ? 'half' : 'same',
      },
      schedule: {
        steps,
        batch: 12,
        evaluateEvery: 5,
        optimiser: pick(['sgd', 'adam']),
        learningRate: 0.01,
        distilUntil: stops ? 60 : 100,
      },
      material: { dataset: 'upload', ...pick(materials) },
    }),
  );
}

function cheapOf(knobs: Knobs): Record<string, number | string> {
  return Object.fromEntries(Object.entries(cheap).filter(([name]) => Object.hasOwn(knobs, name)));
}

describe('any teacher with any hints under any weighting', () => {
  it.each(Array.from({ length: isLong ? 40 : 8 }, (_, seed) => seed))(
    'composition %i trains, or is refused with a sentence',
    async (seed) => {
      const recipe = composition(seed);
      const name = `${recipe.teacher.kind}: ${recipe.hints.map(({ id }) => id).join(' + ')} (${recipe.weighting.id})`;
      const before = tf.memory().numTensors;
      const { run, events } = await train(recipe);
      run.dispose();
      expect(tf.memory().numTensors, name).toBe(before);
      const [failed] = ofType(events, 'failed');
      if (failed) {
        expect(failed.step, `${name}: ${failed.message}`).toBe(0);
        expect(failed.message, name).not.toMatch(/unexpected error/);
        expect(failed.message, name).toMatch(/^[A-Z“].*\.$/s);
        return;
      }
      const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
      expect(told.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
      for (const { values } of told)
        for (const [part, value] of Object.entries(values))
          expect(value, `${name}, ${part}`).toSatisfy(Number.isFinite);

      // The weight of the first hint is turned before the third step: what was before stays, the sum changes.
      const turned = await train(recipe, undefined, (live, tick) => {
        if (ofType(tick, 'phase').some(({ phase }) => phase === 'student'))
          expect(live.turn('hints.0.weight', 3)).toBeNull();
      });
      turned.run.dispose();
      const after = ofType(turned.events, 'step').filter(({ phase }) => phase === 'student');
      const key = ofType(events, 'started')[0]!.hintKeys[0]!;
      const raw = told[0]!.values[key]!;
      if (Math.abs(raw) > 1e-9)
        expect(after[0]!.values[`${key}·w`], name).not.toBe(told[0]!.values[`${key}·w`]);
      expect(after[0]!.values[key], name).toBe(raw);
    },
  );

  it('names every hint that it draws from', () => {
    const drawn = new Set(
      Array.from({ length: 200 }, (_, seed) => composition(seed).hints)
        .flat()
        .map(({ id }) => id),
    );
    expect([...drawn].sort()).toEqual(Object.keys(hintAbouts).sort());
  });
});
