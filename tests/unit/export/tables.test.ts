import { expect, test } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import type { RunRecord } from '../../../src/export/record';
import { classesCsv, runsCsv } from '../../../src/export/tables-csv';

const nothing = { steps: [], columns: {} };
const record: RunRecord = {
  name: 'Few, and "odd"',
  number: 3,
  recipe: defaultRecipe(),
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
  knobs: [],
  steps: { teacher: nothing, prelude: nothing, student: nothing },
  evaluations: { teacher: nothing, prelude: nothing, student: nothing },
  watched: [],
  moments: [],
};

test('classes stand below each other, learners beside each other', () => {
  expect(classesCsv(record)).toBe('class,name,student,control\n0,"cat, black",1,0.5\n1,dog,0.5,0.5\n');
  expect(classesCsv({ ...record, perClass: null })).toBe('class,name\n0,"cat, black"\n1,dog\n');
});

test('each run is a line, with empty cells for what it does not have', () => {
  const { network } = record.recipe.student;
  const unfinished = { ...record, number: 4, name: 'Next', final: null, seconds: null, facts: null };
  expect(runsCsv([record, unfinished]).split('\n')).toEqual([
    'run,name,method,data,student,seed,steps,seconds,accuracy:student,accuracy:control,accuracy:hard,accuracy:teacher',
    `3,"Few, and ""odd""",kd,Mine,${network},1,200,1.25,0.75,0.5,,`,
    `4,Next,kd,digits-8x8,${network},1,200,,,,,`,
    '',
  ]);
});

test('a name that a spreadsheet would take for a formula stays a name', () => {
  const classes = ['=1+1', '@x', '-2', 'a=b'];
  const { facts } = record;
  const odd: RunRecord = {
    ...record,
    name: '=HYPERLINK("x")',
    facts: { ...facts!, dataset: { ...facts!.dataset, title: '+cmd', classes } },
    perClass: null,
  };
  expect(classesCsv(odd)).toBe("class,name\n0,'=1+1\n1,'@x\n2,'-2\n3,a=b\n");
  expect(runsCsv([odd])).toContain(`3,"'=HYPERLINK(""x"")",kd,'+cmd,`);
});
