import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { defaultRecipe, withValue } from '../../../src/distill/recipe';
import { taskAbouts } from '../../../src/distill/tasks/about';
import { metricsOf, type Metrics } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { asText } from '../../../src/export/csv-table';
import { instancesCsv, metricsCsv } from '../../../src/export/metrics-csv';
import { resultsCsv, tableMarkdown } from '../../../src/export/experiment-tables';
import { classesCsv, runsCsv } from '../../../src/export/tables-csv';

const nothing = { steps: [], columns: {} };
const metrics: Metrics = {
  ...metricsOf(new RunRecord('run', defaultRecipe()), { name: '', number: 1 }),
  name: 'Few, and "odd"',
  number: 3,
  facts: {
    dataset: { id: 'upload', title: 'Mine', classes: ['cat, black', 'dog'], shape: [8, 8, 1] },
    labelled: 10,
    unlabelled: 0,
    meta: 0,
    validation: 0,
    test: 4,
    wrongLabels: 0,
    networks: [],
    extraParameters: 0,
    teacherSteps: 0,
    preludeSteps: 0,
    studentSteps: 5,
    notes: [],
  },
  final: { student: 0.75, control: 0.5 },
  perClass: { student: [1, 0.5], control: [0.5, 0.5] },
  seconds: 1.25,
  backends: [
    { name: 'webgpu', device: 'A card', from: { phase: 'student', step: 1 } },
    { name: 'wasm', device: '1 thread', from: { phase: 'student', step: 4 } },
  ],
};

test('classes stand below each other, learners beside each other', () => {
  expect(classesCsv(metrics)).toBe('class,name,student,control\n0,"cat, black",1,0.5\n1,dog,0.5,0.5\n');
  expect(classesCsv({ ...metrics, perClass: null })).toBe('class,name\n0,"cat, black"\n1,dog\n');
});

test('each run is a line, with empty cells for what it does not have', () => {
  const { network } = metrics.recipe.student;
  const unfinished = {
    ...metrics,
    number: 4,
    name: 'Next',
    final: null,
    seconds: null,
    facts: null,
    backends: [],
  };
  // What sets runs apart goes with each.
  const mind =
    'No validation split: what is chosen by these scores, or by the live curves, is chosen on the test data.';
  expect(runsCsv([metrics, unfinished]).split('\n')).toEqual([
    'run,name,method,data,student,seed,steps,seconds,backend,accuracy:student,accuracy:control,accuracy:hard,accuracy:teacher,mind_when_comparing',
    `3,"Few, and ""odd""",kd,Mine,${network},1,200,1.25,webgpu > wasm,0.75,0.5,,,"${mind}"`,
    `4,Next,kd,digits-8x8,${network},1,200,,,,,,,"${mind}"`,
    '',
  ]);
});

test('a name that a spreadsheet would take for a formula stays a name', () => {
  const classes = ['=1+1', '@x', '-2', 'a=b'];
  const { facts } = metrics;
  const odd: Metrics = {
    ...metrics,
    name: '=HYPERLINK("x")',
    facts: { ...facts!, dataset: { ...facts!.dataset, title: '+cmd', classes } },
    perClass: null,
  };
  expect(classesCsv(odd)).toBe("class,name\n0,'=1+1\n1,'@x\n2,'-2\n3,a=b\n");
  expect(runsCsv([odd])).toContain(`3,"'=HYPERLINK(""x"")",kd,'+cmd,`);
});

const formulas = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '\n=1+1',
  '\r\n=1+1',
  '\t=1+1',
  ' =1+1',
  '\u3000\u00a0=1+1',
  '\ufeff\u200b=1+1',
  '\u0000=1+1',
  '\u2028=1+1',
  '＝1+1',
  '＋1+1',
  '－1+1',
  '＠SUM(A1)',
  'x\n=1+1',
  'x\t=1+1',
  'x;=1+1',
  'x; =1+1',
];
/** What a spreadsheet takes for a formula, at the start of any cell that any separator makes. */
const looksLikeFormula = /(^|[;\t\n\r])[\s\p{C}\p{Z}]*[=+\-@＝＋－＠]/u;

describe.each(formulas)('the text %j stays a text', (formula) => {
  const everywhere: Metrics = {
    ...metrics,
    name: formula,
    recipe: {
      ...metrics.recipe,
      method: formula,
      title: formula,
      student: { ...metrics.recipe.student, network: formula },
      material: { ...metrics.recipe.material, dataset: formula },
    } as Metrics['recipe'],
    facts: {
      ...metrics.facts!,
      dataset: { ...metrics.facts!.dataset, title: formula, classes: [formula, 'dog'] },
    },
    steps: { teacher: nothing, prelude: nothing, student: { steps: [1], columns: { [formula]: [-0.5] } } },
    watchedImages: [{ index: 0, trueLabel: 1, givenLabel: -1 }],
    moments: [{ step: 1, values: { [formula]: [-0.25] } }],
  };
  const experiment = {
    entries: [
      { name: formula, method: formula, recipe: defaultRecipe(), axes: [] },
      { name: formula, method: formula, recipe: withValue(defaultRecipe(), 'schedule.batch', 7), axes: [] },
    ],
    seeds: [1, 2],
  } as unknown as Parameters<typeof resultsCsv>[0];
  const result = {
    entry: 0,
    seed: 1,
    student: null,
    control: null,
    teacher: null,
    seconds: 1.234,
    stepMs: null,
    failure: formula,
  };
  test.each<[string, () => string]>([
    ['runs', () => runsCsv([everywhere])],
    ['runs without facts', () => runsCsv([{ ...everywhere, facts: null }])],
    ['classes', () => classesCsv(everywhere)],
    ['curves', () => metricsCsv(everywhere)],
    ['tracked samples', () => instancesCsv(everywhere)],
    ['single runs of an experiment', () => resultsCsv(experiment, [result])],
  ])('in the table of %s', (_, write) => {
    const { data } = Papa.parse<string[]>(write(), { delimiter: ',', newline: '\n' });
    const cells = data.flat();
    expect(cells.length).toBeGreaterThan(4);
    for (const cell of cells) {
      if (/^-0\.\d+$/.test(cell)) continue;
      expect(cell).not.toMatch(looksLikeFormula);
      expect(cell).not.toMatch(/\p{Cc}/u);
    }
  });
  test('in the Markdown of an experiment, whose lines and cells stay whole', () => {
    const line = {
      name: formula,
      method: formula,
      runs: 0,
      student: null,
      control: null,
      teacher: null,
      gain: null,
      task: 'classification' as const,
      score: taskAbouts.classification.scores[0],
      unit: '',
      seconds: null,
      stepMs: null,
      extraLabels: 0,
      failures: [`a|b\n${formula}`],
    };
    const text = tableMarkdown([line]);
    expect(text.split('\n')).toHaveLength(3);
    const cells = text.split('\n')[2]!.split(/(?<!\\)\|/);
    expect(cells).toHaveLength(12);
    expect(cells[1]).not.toMatch(looksLikeFormula);
  });
});

test('negative numbers stay numbers, texts that are no formulas stay as they are', () => {
  const below = {
    ...metrics,
    steps: { teacher: nothing, prelude: nothing, student: { steps: [-1], columns: { kl: [-0.5] } } },
  };
  expect(metricsCsv(below)).toContain('student,step,-1,-0.5');
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(asText(text)).not.toMatch(looksLikeFormula);
      expect(asText(asText(text))).toBe(asText(text));
      if (/^[\p{L}\p{N}][^;\p{C}]*$/u.test(text)) expect(asText(text)).toBe(text);
    }),
  );
});
