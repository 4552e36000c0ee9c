/** The set that a run studies: disturbed images, and stimuli in place of unlabelled ones. */
import { metricsOf } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { disturbed } from '../../../src/distill/material/disturb';
import { prepareMaterial } from '../../../src/distill/material/material';
import { studiedSet } from '../../../src/distill/material/studied-set';
import { feedsOf, planRun } from '../../../src/training/plan';
import { RandomStream } from '../../../src/random/streams';
import { useWasm } from '../../support/wasm-in-node';
import { numbersOf, ofType, tinyDataset, tinyRecipe, train } from '../training/tiny';

const dataset = tinyDataset();
const spec = { kind: 'image', height: 8, width: 8, channels: 1 } as const;
const knobsOf = (material: Record<string, unknown>) =>
  tinyRecipe({ material: { dataset: 'upload', ...material } }).material;
const pixels = ({ inputs }: Dataset['train']) => inputs[onlyView]!.values as Uint8Array;

describe('images', () => {
  const clean = { noise: 0, blur: 0, contrast: 100 };
  const random = () => RandomStream.fork(1, 'disturb');

  it('are the set’s own where nothing disturbs them', () => {
    expect(disturbed(dataset.train, spec, clean, random())).toBe(dataset.train);
    expect(studiedSet(dataset, knobsOf({}), 1).dataset.train).toBe(dataset.train);
  });

  it('lose contrast around the middle grey', () => {
    const flat = pixels(disturbed(dataset.train, spec, { ...clean, contrast: 50 }, random()));
    pixels(dataset.train).forEach((value, i) =>
      expect(flat[i]).toBe(Math.round(127.5 + (value - 127.5) / 2)),
    );
  });

  it('are averaged with their neighbours, fewer at the edge', () => {
    const own = pixels(dataset.train);
    const soft = pixels(disturbed(dataset.train, spec, { ...clean, blur: 1 }, random()));
    const corner = (own[0]! + own[1]! + own[8]! + own[9]!) / 4;
    expect(soft[0]).toBe(Math.round(corner));
    const nine = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => own[y * 8 + x]!));
    expect(soft[9]).toBe(Math.round(nine.reduce((sum, value) => sum + value, 0) / 9));
  });

  it('get noise of the wanted deviation, the same for a seed and another for the test images', () => {
    const middle = {
      ...dataset.train,
      inputs: { [onlyView]: { values: new Uint8Array(120 * 64).fill(128), shape: [8, 8, 1] } },
    };
    const noisy = pixels(disturbed(middle, spec, { ...clean, noise: 10 }, random()));
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const squares = [...noisy].reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length;
    expect(mean).toBeCloseTo(128, 0);
    expect(Math.sqrt(squares) / 255).toBeCloseTo(0.1, 2);
    expect(pixels(disturbed(middle, spec, { ...clean, noise: 10 }, random()))).toEqual(noisy);
    const only = studiedSet(dataset, knobsOf({ testNoise: 20 }), 1).dataset;
    expect(only.train).toBe(dataset.train);
    expect(pixels(only.test)).not.toEqual(pixels(dataset.test));
  });
});

describe('stimuli', () => {
  const material = { labelsPerClass: 5, unlabelled: 40, unlabelledFrom: 'stimuli', stimuli: 'shapes' };

  it('come after the set’s own images, without a target, and are the unlabelled half', () => {
    const prepared = prepareMaterial(dataset, { knobs: knobsOf(material), seed: 1, metaPerClass: 0 });
    const { train: own } = prepared.dataset;
    expect(own.count).toBe(160);
    expect(pixels(own).subarray(0, 120 * 64)).toEqual(pixels(dataset.train));
    expect([...prepared.unlabelled].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, n) => 120 + n),
    );
    expect([...own.known.subarray(120)]).toEqual(new Array<number>(40).fill(0));
    expect(prepared.known).toHaveLength(120);
    expect(prepared.labelled.every((row) => row < 120)).toBe(true);
  });

  it('are brought to the brightness of the images, unless they are to stay as drawn', () => {
    const moments = (knobs: Record<string, unknown>) => {
      const values = pixels(
        studiedSet(dataset, knobsOf({ ...material, ...knobs }), 1).dataset.train,
      ).subarray(120 * 64);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return {
        mean,
        deviation: Math.sqrt([...values].reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length),
      };
    };
    const own = pixels(dataset.train);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const matched = moments({ stimuli: 'textures' });
    // Values beyond black and white are cut off, which moves the mean a little.
    expect(Math.abs(matched.mean / mean - 1)).toBeLessThan(0.15);
    expect(moments({ stimuli: 'textures', stimulusScale: 'drawn' }).mean).toBeCloseTo(127.5, -1);
  });

  describe('in a run', () => {
    beforeAll(useWasm);

    it('leave the teacher and the normalisation to the real images, and train to the end, twice the same', async () => {
      const plain = tinyRecipe({ hints: [{ id: 'kd' }], material: { dataset: 'upload', labelsPerClass: 5 } });
      const drawn = tinyRecipe({ hints: [{ id: 'kd' }], material: { dataset: 'upload', ...material } });
      const [one, other] = [planRun(plain, dataset), planRun(drawn, dataset)];
      expect(feedsOf(other).student.normalisation).toEqual(feedsOf(one).student.normalisation);
      expect(other.facts.unlabelled).toBe(40);
      expect(other.teacher!.steps).toBe(one.teacher!.steps);
      const runs = [await train(drawn), await train(drawn)];
      runs.forEach(({ run }) => run.dispose());
      expect(ofType(runs[0]!.events, 'failed')).toEqual([]);
      expect(numbersOf(runs[1]!.events)).toEqual(numbersOf(runs[0]!.events));
    });
  });
});

describe('a second domain', () => {
  const material = { unlabelled: 1000, unlabelledFrom: 'second-domain', secondDomain: 'inverted' };
  const prepared = (changes: Record<string, unknown> = {}, seed = 1) =>
    prepareMaterial(dataset, { knobs: knobsOf({ ...material, ...changes }), seed, metaPerClass: 0 });

  it('has its own images, no image in both, and no label that a step could read', () => {
    const { dataset: studied, known, labelled, unlabelled, given } = prepared({ secondDomainShare: 40 });
    expect(unlabelled).toHaveLength(48);
    expect([...known, ...unlabelled].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 120 }, (_, row) => row),
    );
    expect([...labelled].toSorted((a, b) => a - b)).toEqual([...known]);
    for (const row of unlabelled) {
      expect(given.known[row]).toBe(0);
      for (const p of [0, 17, 63])
        expect(pixels(studied.train)[row * 64 + p]).toBe(255 - pixels(dataset.train)[row * 64 + p]!);
    }
    for (const row of known) expect(pixels(studied.train)[row * 64]).toBe(pixels(dataset.train)[row * 64]);
    expect(pixels(studied.test)).toEqual(pixels(dataset.test));
    expect(pixels(studied.secondTest!)[5]).toBe(255 - pixels(dataset.test)[5]!);
    expect([...prepared({}, 2).unlabelled]).not.toEqual([...prepared({}, 1).unlabelled]);
  });

  it('in colours brings all images to three channels', () => {
    const { dataset: studied } = prepared({ secondDomain: 'colour' });
    expect(studied.inputs[onlyView]).toMatchObject({ channels: 3 });
    const [own, coloured] = [pixels(dataset.test), pixels(studied.test)];
    expect([...coloured.subarray(0, 3)]).toEqual([own[0], own[0], own[0]]);
  });

  it('is measured beside the first one, and its scores survive the log and the files', async () => {
    await useWasm();
    const recipe = tinyRecipe({ hints: [{ id: 'kd' }], material: { dataset: 'upload', ...material } });
    const { run, events } = await train(recipe);
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    const record = new RunRecord('one', recipe);
    record.take(eventsOf(entriesOf(events)));
    expect(record.evaluations.student.has('student/second domain')).toBe(true);
    const { secondDomain } = metricsOf(record, { name: 'one', number: 1 });
    expect(Object.keys(secondDomain!['accuracy']!).toSorted()).toEqual(['control', 'student', 'teacher']);
    const columns = record.evaluations.student;
    expect(columns.column('student/second domain')).toHaveLength(columns.column('student').length);
  });
});
