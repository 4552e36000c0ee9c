import { describe, expect, it } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, withValue, type Recipe } from '../../../src/distill/recipe';
import { experimentJson } from '../../../src/export/experiment-json';
import { tableLatex } from '../../../src/export/experiment-latex';
import { resultsCsv, tableNotes } from '../../../src/export/experiment-tables';
import { experimentReadme } from '../../../src/export/pytorch/experiment-readme';
import { experimentReport } from '../../../src/export/report/experiment-report';
import { latexText } from '../../../src/export/latex-text';
import { readExperiment } from '../../../src/experiment/experiment';
import { unfairnessOf, type CellResult } from '../../../src/experiment/table';
import { differencesOf } from '../../../src/experiment/differences';
import {
  computedOn,
  rowOfRun,
  type FairRow,
  type FairRun,
  type RunSize,
} from '../../../src/experiment/fair-row';
import { fairnessSentences } from '../../../src/experiment/fairness';

const size: RunSize = {
  labelled: 50,
  unlabelled: 0,
  meta: 0,
  steps: 200,
  student: 1000,
  beside: 0,
  teacher: 5000,
};
const base = withValue(defaultRecipe(), 'material.validation', 20);
const row = (name: string, changes: Partial<FairRow> = {}): FairRow => ({
  name,
  recipe: base,
  axes: [],
  size,
  ...changes,
});

describe('what sets rows apart', () => {
  it('is nothing where they are alike', () => {
    expect(fairnessSentences([row('a'), row('b'), row('c')])).toEqual([]);
  });

  it('is another optimiser, as a method brings it along', () => {
    const hkd = methods.find(({ id }) => id === 'hkd')!.apply(base);
    const sentences = fairnessSentences([row('KD'), row('DKD'), row('HKD', { recipe: hkd })]);
    expect(sentences).toContain(
      'In HKD, unlike in KD, DKD: optimiser SGD with momentum, not Adam; learning rate 0.05, not 0.01; weight decay 0.0005, not 0.',
    );
    expect(sentences.some((sentence) => sentence.startsWith('Momentum:'))).toBe(false);
  });

  it('is not the knob that is swept, unless something else differs with it', () => {
    const swept = (steps: number) =>
      row(`${steps}`, {
        recipe: withValue(base, 'schedule.steps', steps),
        axes: ['schedule.steps'],
        size: { ...size, steps },
      });
    expect(fairnessSentences([swept(100), swept(200)])).toEqual([]);
    const other = { ...swept(400), recipe: withValue(swept(400).recipe, 'schedule.batch', 64) };
    expect(differencesOf([swept(100), swept(200), other]).map(({ title }) => title)).toEqual([
      'Steps',
      'Batch size',
    ]);
  });

  it('is labels, steps and parameters that only the run shows', () => {
    const more = row('HKD', { size: { ...size, meta: 100, steps: 260, beside: 4000 } });
    expect(fairnessSentences([row('KD'), more])).toEqual([
      'In HKD, unlike in KD: labels 50 and 100 for the weighting, not 50; steps of the student 260, not 200; parameters trained beside the student’s 4,000, not none.',
    ]);
  });

  it('is a student that is as large as its teacher, and test data that are looked at', () => {
    const large = row('Twin', { size: { ...size, teacher: 1000 } });
    expect(fairnessSentences([row('KD'), large])).toEqual([
      'The student has no fewer parameters than its teacher in Twin.',
    ]);
    expect(fairnessSentences([row('KD', { recipe: defaultRecipe() })])[0]).toMatch(/^No validation split/);
  });

  it('is another teacher, and where its labels come from', () => {
    const self = methods.find(({ id }) => id === 'tfkd-self')!.apply(base);
    const none = methods.find(({ id }) => id === 'labels-only')!.apply(base);
    const [sentence] = fairnessSentences([
      row('KD'),
      row('DKD'),
      row('Self', { recipe: self }),
      row('Labels', { recipe: none }),
    ]);
    // A row without a teacher differs by its method.
    expect(sentence).toBe('Teacher: Digits CNN, 99.2 % in KD, DKD; Train it here in Self.');
    const route = withValue(self, 'teacher.knobs.labels', 'all');
    const swept = [self, route].map((recipe, i) => row(`${i}`, { recipe, axes: ['teacher.knobs.labels'] }));
    expect(fairnessSentences(swept)).toEqual([]);
  });

  it('is short where there are many rows', () => {
    const other = withValue(base, 'student.network', 'mlp-17');
    const plain = (name: string) => row(name);
    const few = Array.from('abcdef', (name) => row(name, { recipe: other }));
    const many = Array.from('ghijklmn', plain);
    expect(fairnessSentences([...many, ...few])).toEqual([
      'Student network: MLP, 32 hidden units in 8 of 14 rows; mlp-17 in 6 of 14 rows.',
    ]);
    expect(fairnessSentences([...many, few[0]!])).toEqual([
      'Student network: MLP, 32 hidden units in 8 of 9 rows; mlp-17 in a.',
    ]);
    const each = Array.from('abcdef', (name, i) => row(name, { size: { ...size, beside: i } }));
    expect(fairnessSentences(each)).toEqual([
      'Parameters trained beside the student’s: none in a; 1 in b; 2 in c; 3 in d; 2 other values in 2 rows.',
    ]);
  });

  it('names rows of a sweep by what differs', () => {
    const hkd = methods.find(({ id }) => id === 'hkd')!.apply(base);
    const swept = [
      ['KD · Knowledge distillation', base],
      ['HKD · Hint-dynamic KD', hkd],
    ].flatMap(([name, recipe]) =>
      [1, 2, 4].map((temperature) =>
        row(`${name as string}, Temperature ${temperature}`, {
          recipe: withValue(recipe as Recipe, 'hints.0.knobs.temperature', temperature),
          axes: ['hints.0.knobs.temperature'],
          size: { ...size, beside: recipe === hkd ? 4000 : 0, student: temperature === 2 ? 5000 : 1000 },
        }),
      ),
    );
    const sentences = fairnessSentences(swept);
    expect(sentences[0]).toMatch(
      /^In HKD, unlike in KD: .*; parameters trained beside the student’s 4,000, not none\.$/,
    );
    expect(sentences).toContain(
      'The student has no fewer parameters than its teacher in rows with Temperature 2.',
    );
  });
});

describe('what sets runs apart', () => {
  const run = (changes: Partial<FairRun> = {}): FairRun => ({
    ...{
      recipe: base,
      facts: null,
      turned: [],
      final: { teacher: 0.95, control: 0.8 },
      stopped: false,
      computedOn: null,
    },
    ...changes,
  });

  it('is their seed, their own sets, how they ended and what was turned on the way', () => {
    const first = rowOfRun('run 1', run({ stopped: true }), 'aa');
    const second = rowOfRun(
      'run 2',
      run({ recipe: { ...base, seed: 7 }, turned: ['objective.ceWeight'] }),
      'bb',
    );
    expect(fairnessSentences([first, second], 'runs')).toEqual([
      `In run 2, unlike in run 1: data set bb, not aa; seeds 7, not ${base.seed}; stopped early no, not yes; knobs turned during the run Cross-entropy weight (γ), not none.`,
    ]);
  });

  it('is not what a recipe has planned for its own end', () => {
    const stopping = rowOfRun('run 1', run({ turned: ['distillation'] }));
    expect(fairnessSentences([stopping, rowOfRun('run 2', run())], 'runs')).toEqual([]);
  });

  it('is what computed them', () => {
    const page = rowOfRun(
      'run 1',
      run({ computedOn: computedOn([{ name: 'wasm', device: '4 threads' }], null) }),
    );
    const card = rowOfRun(
      'run 2',
      run({ computedOn: computedOn([{ name: 'webgpu', device: 'a card' }], null) }),
    );
    expect(fairnessSentences([page, card], 'runs')).toEqual([
      'Computed on: WebAssembly in run 1; WebGPU, a card in run 2.',
    ]);
  });

  it('is, of one run, what its own teacher and baseline are', () => {
    const weak = rowOfRun('run 3', run({ final: { teacher: 0.7, control: 0.8 } }));
    expect(fairnessSentences([weak], 'runs')).toEqual([
      'The teacher scores worse than the baseline (no teacher).',
    ]);
  });
});

/** Plans that are unfair on purpose, in the form of a file, with what the page says of them. */
const plans: Record<string, { file: object; says: string; size?: (entry: number) => Partial<RunSize> }> = {
  'other labels per class': {
    file: {
      entries: [{ method: 'kd' }, { method: 'dkd', set: { 'material.labelsPerClass': 50 } }],
    },
    size: (entry) => ({ labelled: entry ? 500 : 50 }),
    says: 'Labels per class: 5 in KD; 50 in DKD.',
  },
  'more steps and larger batches': {
    file: {
      entries: [
        { method: 'kd', set: { 'schedule.steps': 100, 'schedule.batch': 16 } },
        { method: 'dkd', set: { 'schedule.steps': 400, 'schedule.batch': 64 } },
      ],
    },
    says: 'In DKD, unlike in KD: steps 400, not 100; batch size 64, not 16.',
  },
  'more images': {
    file: { entries: [{ method: 'kd' }, { method: 'dkd', set: { 'material.unlabelled': 900 } }] },
    says: 'Unlabelled instances: 100 in KD; 900 in DKD.',
  },
  'another rate, in sweeps of other values': {
    file: {
      entries: [
        { method: 'kd', set: { 'schedule.learningRate': 0.001 } },
        { method: 'dkd', set: { 'schedule.learningRate': 0.01 } },
      ],
      axes: [{ knob: 'hints.0.knobs.temperature', values: [1, 4] }],
    },
    says: 'Learning rate: 0.001 in KD; 0.01 in DKD.',
  },
  'parameters of a meta network, in a sweep': {
    file: {
      entries: [{ method: 'kd' }, { method: 'hkd' }],
      axes: [{ knob: 'hints.0.weight', values: [0.5, 1] }],
    },
    size: (entry) => ({ beside: entry > 1 ? 4000 : 0 }),
    says: 'In HKD, unlike in KD: optimiser SGD with momentum, not Adam; learning rate 0.05, not 0.01; weight decay 0.0005, not 0; parameters trained beside the student’s 4,000, not none.',
  },
  'a temperature that is looked for in one method alone': {
    file: {
      entries: [1, 2, 8]
        .map((temperature): object => ({ method: 'kd', set: { 'hints.0.knobs.temperature': temperature } }))
        .concat({ method: 'dkd' }, { method: 'labels-only' }),
    },
    says: 'Settings tried: 3 of KD; 1 of DKD. The best of several is better by the choice alone.',
  },
  'a row without a baseline': {
    file: { entries: [{ method: 'kd' }, { method: 'dkd', set: { 'objective.control': false } }] },
    says: 'Baseline (no teacher): on in KD; off in DKD.',
  },
  'a teacher that nobody knows the lessons of': {
    file: {
      entries: [
        { method: 'kd' },
        { recipe: { method: 'dkd', title: 'DKD', teacher: { kind: 'single', knobs: { source: 'file' } } } },
      ],
    },
    says: 'The teacher comes from a file or an earlier run in DKD: whether it has learned from instances of this test split is not known here.',
  },
  'another teacher': {
    file: {
      entries: [
        { name: 'A', recipe: teacher({ source: 'train', network: 'cnn-8-16-32', epochs: 2 }) },
        { name: 'B', recipe: teacher({ source: 'train', network: 'cnn-32-64', epochs: 30 }) },
      ],
    },
    says: 'Teacher: Train it here, network CNN, 8-16-32 channels, epochs 2 in A; Train it here, network cnn-32-64, epochs 30 in B.',
  },
  'teachers from files': {
    file: {
      entries: [
        { name: 'A', recipe: teacher({ source: 'file', file: 'a1' }) },
        { name: 'B', recipe: teacher({ source: 'file', file: 'b2' }) },
      ],
    },
    says: 'Teacher: From a file or an earlier run, file 1 in A; From a file or an earlier run, file 2 in B.',
  },
  'a teacher that is worse than the student': {
    file: { entries: [{ method: 'kd' }, { method: 'tfkd-self' }] },
    says: 'The teacher scores worse than the baseline (no teacher) in Tf-KD self.',
  },
  'several sets': {
    file: {
      entries: [{ method: 'labels-only' }, { method: 'ls' }],
      axes: [{ knob: 'material.dataset', values: ['digits-8x8', 'penguins'] }],
    },
    says: 'The test data differ (Data set): compare the scores of rows with the same ones, or their gains.',
  },
  'choice on the test data': {
    file: {
      base: { material: { validation: 0 } },
      entries: [{ method: 'kd' }],
      axes: [{ knob: 'hints.0.knobs.temperature', values: [1, 4] }],
    },
    says: 'No validation split: a value of Temperature that is chosen by these scores is chosen on the test data, and its score is better than on fresh data.',
  },
  'images changed for one side': {
    file: {
      entries: [{ method: 'kd' }, { method: 'dkd', set: { 'material.shift': 2 } }, { method: 'mlld' }],
    },
    says: 'Random crop (shift): 0 in KD, MLLD; 2 in DKD. Strongly changed copies of the images: no in KD, DKD; yes in MLLD.',
  },
  'images without a label that only some learn from': {
    file: { entries: [{ method: 'labels-only' }, { method: 'kd' }] },
    says: 'Instances without a label: 100 but none learned from in Labels only; 100 in KD.',
  },
};

function teacher(knobs: object) {
  return { teacher: { kind: 'single', knobs }, material: { validation: 20 } };
}

describe('an unfair plan', () => {
  for (const [name, { file, says, size: own }] of Object.entries(plans))
    it(`is found out: ${name}`, () => {
      const material = { labelsPerClass: 5, unlabelled: 100, validation: 20 };
      const { experiment, problems } = readExperiment({
        version: 2,
        base: { material },
        seeds: [1],
        ...file,
      });
      expect(problems).toEqual([]);
      const results = experiment!.entries.map(({ recipe, method }, entry): CellResult => ({
        ...{ entry, seed: 1, student: 0.9, control: 0.8, seconds: 1, stepMs: 1, failure: null },
        teacher: recipe.teacher.kind === 'none' ? null : method === 'tfkd-self' ? 0.7 : 0.95,
        size: { ...size, unlabelled: recipe.material.unlabelled, ...own?.(entry) },
      }));
      const sentences = unfairnessOf(experiment!, results).join(' ');
      expect(sentences).toContain(says);
      const json = JSON.parse(experimentJson(experiment!, results)) as { mind: string[] };
      expect(json.mind.join(' ')).toBe(sentences);
      expect(resultsCsv(experiment!, results)).toContain(sentences);
      expect(tableNotes(experiment!, results)).toContain(says.split('. ')[0]);
      expect(tableLatex(experiment!, results)).toContain(latexText(says.split('. ')[0]!));
      expect(experimentReport(experiment!, results)).toContain(says.split('. ')[0]);
      expect(experimentReadme(experiment!, results, 1, [])).toContain(says.split('. ')[0]);
    });
});
