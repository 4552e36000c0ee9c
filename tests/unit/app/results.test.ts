import { describe, expect, test } from 'vitest';
import { figure } from '../../../src/app/format';
import { chanceOf, verdictOf, type RunResult } from '../../../src/app/results/verdict';
import { defaultHint, defaultRecipe } from '../../../src/distill/recipe';
import type { RunFacts } from '../../../src/training/events';

const facts: RunFacts = {
  dataset: { id: 'digits-8x8', title: 'Digits', classes: ['0', '1', '2'], shape: [8, 8, 1] },
  labelled: 1000,
  unlabelled: 0,
  meta: 0,
  validation: 0,
  test: 400,
  wrongLabels: 0,
  networks: [],
  extraParameters: 0,
  teacherSteps: 0,
  preludeSteps: 0,
  studentSteps: 200,
  notes: [],
};

function run(final: RunResult['final'], changes: Partial<RunResult> = {}): RunResult {
  return {
    recipe: defaultRecipe(),
    facts,
    final,
    perClass: {},
    stopped: false,
    step: 200,
    weights: [],
    ...changes,
  };
}

describe('the verdict', () => {
  test('names a gain, and says that it is access to labels where it is', () => {
    const verdict = verdictOf(
      run({ student: 0.96, control: 0.7, teacher: 0.99 }, { facts: { ...facts, wrongLabels: 400 } }),
    );
    expect(verdict.tone).toBe('gain');
    expect(verdict.headline).toMatch(/^Distillation gained 26\.0 points: .*96\.0.*70\.0.*99\.0/);
    expect(verdict.reasons.join(' ')).toMatch(
      /400 of the 1,000 labels were wrong.*access to what the teacher can tell/,
    );
  });

  test('says so when the method lost', () => {
    const verdict = verdictOf(run({ student: 0.6, control: 0.9 }));
    expect(verdict.tone).toBe('loss');
    expect(verdict.headline).toMatch(/^Distillation lost 30\.0 points/);
  });

  test('blames a teacher that the control outdoes, unless it helped', () => {
    const reasons = (student: number, teacher: number) =>
      verdictOf(run({ student, control: 0.9, teacher })).reasons.join(' ');
    expect(reasons(0.6, 0.57)).toMatch(/^The teacher does worse than a student without one/);
    expect(reasons(0.6, 0.95)).not.toMatch(/does worse/);
    expect(reasons(0.99, 0.57)).not.toMatch(/does worse/);
  });

  test('calls peers and fused students what they are, and does not ask for a stronger one of them', () => {
    const said = (kind: 'peers' | 'fusion') => {
      const recipe = defaultRecipe();
      return verdictOf(
        run(
          { student: 0.6, control: 0.9, teacher: 0.8 },
          { recipe: { ...recipe, teacher: { kind, knobs: {} } }, facts: { ...facts, wrongLabels: 4 } },
        ),
      );
    };
    expect(said('peers').headline).toMatch(/, its peers 80/);
    expect(said('fusion').headline).toMatch(/, the fusion 80/);
    const reasons = said('fusion').reasons.join(' ');
    expect(reasons).toMatch(/were wrong, for the fusion too\./);
    expect(reasons).not.toMatch(/stronger one|The teacher/);
  });

  test('says of which domain the headline speaks where there are two', () => {
    const said = (changes: Partial<RunResult>) =>
      verdictOf(run({ student: 0.9, control: 0.7 }, changes)).headline;
    expect(said({ secondDomain: { student: 0.8, control: 0.4 } })).toMatch(
      /gained 20\.0 points in the first domain:/,
    );
    expect(said({})).toMatch(/gained 20\.0 points:/);
  });

  test('says what the teacher sees and the student does not', () => {
    const { student, material, ...rest } = defaultRecipe();
    const recipe = {
      ...rest,
      student: { ...student, view: 'half' as const },
      material: { ...material, trainNoise: 40, teacherView: 'undisturbed' as const },
    };
    const said = (changes: Partial<RunResult>) =>
      verdictOf(run({ student: 0.96, control: 0.7 }, changes)).reasons.join(' ');
    expect(said({ recipe })).toMatch(/twice the size: more than.*before they were disturbed: more than/);
    expect(said({})).not.toMatch(/more than student/);
    const table = { ...facts, dataset: { ...facts.dataset, shape: [4] as [number] } };
    expect(said({ recipe, facts: table })).not.toMatch(/more than student/);
  });

  test('does not call luck a gain', () => {
    const verdict = verdictOf(run({ student: 0.91, control: 0.9 }));
    expect(verdict.tone).toBe('even');
    expect(verdict.headline).toMatch(/^No clear difference \(\+1\.0 points\).*400 test images/);
    expect(chanceOf(0.9, 0.9, 400)).toBeCloseTo(0.0424, 3);
  });

  test('claims nothing without a control or without a teacher', () => {
    expect(verdictOf(run({ student: 0.9 })).headline).toMatch(/cannot say whether the teacher helped/);
    const alone = { ...defaultRecipe(), teacher: { kind: 'none' as const, knobs: {} }, hints: [] };
    expect(verdictOf(run({ student: 0.9, control: 0.9 }, { recipe: alone })).tone).toBe('open');
  });

  test('speaks of targets where nobody teaches, and credits no teacher', () => {
    const smoothing = {
      ...defaultRecipe(),
      teacher: { kind: 'none' as const, knobs: {} },
      hints: [defaultHint('ls')],
    };
    const { headline, reasons } = verdictOf(
      run({ student: 0.83, control: 0.7 }, { recipe: smoothing, facts: { ...facts, wrongLabels: 400 } }),
    );
    expect(headline).toMatch(/^Softer targets gained 13\.0 points: .*83\.0.*on the labels alone 70\.0/);
    expect(reasons.join(' ')).toBe(
      '400 of the 1,000 labels were wrong. There is no teacher: the targets hold no knowledge of the image beyond its label.',
    );
  });

  test('does not call it softness when features were taught', () => {
    const recipe = { ...defaultRecipe(), hints: [defaultHint('fitnet')] };
    const reasons = verdictOf(run({ student: 0.7, control: 0.7, hard: 0.93 }, { recipe })).reasons.join(' ');
    expect(reasons).toMatch(/reaches 93\.0.*what these losses use instead costs 23\.0 points/);
    expect(reasons).not.toMatch(/softness/);
  });

  test('separates softness from access when hard answers were trained', () => {
    const reasons = verdictOf(run({ student: 0.95, control: 0.7, hard: 0.7 })).reasons.join(' ');
    expect(reasons).toMatch(/trained on the teacher’s hard labels reaches 70\.0.*gains 25\.0 points/);
  });

  test('tells what became of a class that nobody named', () => {
    const base = defaultRecipe();
    const recipe = { ...base, material: { ...base.material, unnamedClass: 2 } };
    const perClass = { student: [1, 1, 0.88], control: [1, 1, 0] };
    const { reasons } = verdictOf(run({ student: 0.95, control: 0.7 }, { recipe, perClass }));
    expect(reasons.join(' ')).toMatch(/No “2” had a label.*baseline reaches 0.*student 88/);
  });

  test('admits HKD’s extra labels and shows where the weights went', () => {
    const base = defaultRecipe();
    const recipe = { ...base, weighting: { id: 'hint-dynamic' as const, knobs: {} } };
    const weights = [{ name: 'Shuffled teacher (control loss)', median: 0.02 }];
    const { headline, reasons } = verdictOf(
      run({ student: 0.9, control: 0.7 }, { recipe, weights, facts: { ...facts, meta: 100 } }),
    );
    expect(headline).toContain('the student, which used 100 extra labels, reaches 90.0');
    expect(verdictOf(run({ student: 0.9, control: 0.7 }, { recipe, weights, facts })).headline).not.toContain(
      'extra',
    );
    expect(reasons.join(' ')).toMatch(/shuffled teacher \(control loss\) 0\.020.*100 clean labelled images/);
  });
});

test('a figure is written as people write it', () => {
  expect([1000, 30_500, 2e6, 0, -0.25, 0.0004, Number.NaN].map(figure)).toEqual([
    '1,000',
    '30,500',
    '2.0e6',
    '0',
    '−0.25',
    '4.0e−4',
    'not a number',
  ]);
});
