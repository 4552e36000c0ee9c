/** What the page says of runs that are not about images and classes. */
import { describe, expect, test } from 'vitest';
import { reportInput } from '../../../src/app/export/report-input';
import { describeSample, labelState, targetText } from '../../../src/app/inspector/describe-sample';
import { errorOf, filteredRows } from '../../../src/app/inspector/sample-filter';
import { classShares, labelScores } from '../../../src/app/instruments/class-view';
import { heatView, heatViews } from '../../../src/app/instruments/heat-view';
import { lossView } from '../../../src/app/instruments/loss-view';
import { defaultQuantity, quantityName } from '../../../src/app/instruments/names';
import { errorsOf, residualView, residualViews } from '../../../src/app/instruments/residual-view';
import { scatterDots } from '../../../src/app/instruments/scatter-view';
import { scoreView } from '../../../src/app/instruments/score-view';
import { finalScores } from '../../../src/app/results/final-scores';
import { pairedMargin } from '../../../src/app/results/margin';
import { runResult } from '../../../src/app/results/run-result';
import { verdictOf } from '../../../src/app/results/verdict';
import { instanceWords } from '../../../src/app/subject/instance-words';
import { columnScale, rowStack } from '../../../src/app/subject/row-picture';
import { primaryScore, scoresOf } from '../../../src/app/subject/score-format';
import { terms } from '../../../src/app/glossary/terms';
import { metricsCsv } from '../../../src/export/metrics-csv';
import { runsCsv } from '../../../src/export/tables-csv';
import { metricsOf } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { taskAbouts } from '../../../src/distill/tasks/about';
import { angleRun, animalRun, factsOf } from './task-runs';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('a score', () => {
  test('is written in percent and points, or in the unit of its target', () => {
    const accuracy = primaryScore(factsOf('classification'));
    expect(plain(accuracy.text(0.931))).toBe('93.1 %');
    expect(accuracy.signed(accuracy.gain(0.9, 0.8))).toBe('+10.0');
    expect([0.5, 0.025].map((share) => plain(accuracy.tick(share)))).toEqual(['50 %', '2.5 %']);
    const [mae, , r2] = scoresOf(factsOf('regression'));
    expect(mae!.text(12.62)).toBe('12.6°');
    expect(mae!.axis).toBe('Mean absolute error, °, lower is better');
    expect(mae!.signed(mae!.gain(5.5, 12.6))).toBe('+7.10');
    expect(r2!.text(0.873)).toBe('0.87');
    expect(r2!.axis).toBe('R²');
    // Errors of several numbers are counted in deviations.
    const targets = { names: ['a', 'b'], units: ['m', 's'] };
    expect(plain(primaryScore({ task: 'regression', targets }).text(0.5))).toBe('0.50 SD');
  });

  test('is explained in the glossary, each under its id', () => {
    const ids = Object.values(taskAbouts).flatMap(({ scores }) => scores.map(({ id }) => id));
    expect(ids.filter((id) => !(id in terms))).toEqual([]);
  });
});

describe('a run on a set of two domains', () => {
  const history = angleRun(5, 12, {
    mae: { student: 20, control: 31, teacher: 45 },
    rmse: { student: 25, control: 40, teacher: 50 },
  });

  test('has a chart, a table and a sentence of the second one', () => {
    const view = scoreView(history, 'student', true, [], history.task.scores[0], 'second');
    expect(view.readAt(20)).toEqual({ 'student/second domain': 20, 'control/second domain': 31 });
    expect(view.lines.map(({ label }) => label)).toEqual(['Student', 'Baseline (no teacher)']);
    expect(view.references[0]!.value).toBe(45);
    const { columns, rows } = finalScores(history)!;
    expect(columns.slice(3)).toEqual([
      'Mean absolute error, second domain',
      'Root mean squared error, second domain',
    ]);
    expect(rows[0]).toEqual({ learner: 'student', cells: ['5.00°', '6.00°', '0.90', '20.0°', '25.0°'] });
    expect(verdictOf(runResult(history)!).reasons[0]).toMatch(/second domain.*reaches 20\.0°.*31\.0°/);
  });

  test('in the report and in the tables, which stay as they were without one', () => {
    globalThis.location ??= { href: 'http://localhost/' } as Location;
    const run = { name: 'Angle', number: 1 };
    const entry = { ...run, state: 'finished', final: null, recipe: history.recipe };
    const report = reportInput(entry as Parameters<typeof reportInput>[0], history);
    const chart = report.charts.find(({ title }) => title.includes('second domain'))!;
    expect(chart.lines.map(({ points }) => points[0]!.value)).toEqual([20, 31, 45]);
    const metrics = metricsOf(history, run);
    expect(metricsCsv(metrics).split('\n')[0]).toContain('mae:student/second domain');
    expect(runsCsv([metrics]).split('\n')[0]).toMatch(/mae:teacher,mae:student\/second domain,/);
    expect(runsCsv([metricsOf(angleRun(), run)]).split('\n')[0]).not.toContain('second domain');
  });

  test('and nothing of the kind where there is one domain and one score', () => {
    const { facts, outcome } = angleRun();
    const one = {
      facts: factsOf('classification'),
      outcome: { ...outcome!, scores: { accuracy: { student: 1 } } },
    };
    expect(finalScores(one)).toBeNull();
    expect(finalScores({ facts, outcome: null })).toBeNull();
  });
});

test('rows of a table are not called images', () => {
  expect(instanceWords(factsOf('regression')).many).toBe('rows');
  expect(instanceWords({ dataset: { shape: [8, 8, 1] } }).many).toBe('images');
});

describe('a run on numbers', () => {
  const history = angleRun();

  test('gains where its error is smaller, in the unit of the target', () => {
    const { tone, headline } = verdictOf(runResult(history)!);
    expect(tone).toBe('gain');
    expect(headline).toBe(
      'Distillation gained 7.00° of mean absolute error (lower is better): the student reaches 5.00°, the same student without a teacher 12.0°, the teacher 4.00°.',
    );
    expect(verdictOf(runResult(angleRun(12, 5))!).headline).toMatch(/^Distillation lost 7\.00°/);
  });

  test('calls a difference within the interval of paired errors noise', () => {
    // Errors 4 and 1 beside 12 and 12: differences -8, -11, -8, -11.
    expect(pairedMargin(history, 'student', 'control')).toBeCloseTo(2 * (Math.sqrt(3) / 2), 5);
    const { tone, headline } = verdictOf(runResult(angleRun(11, 12))!);
    expect(tone).toBe('even');
    expect(headline).toMatch(
      /^No clear difference \(\+1\.00 of mean absolute error.*With 4 test rows, less than 1\.73° is within noise\.$/,
    );
    expect(pairedMargin(history, 'student', 'hard')).toBeNull();
  });

  test('has scores that can be looked at one by one, the teacher as the line to reach', () => {
    const rmse = history.task.scores[1]!;
    const view = scoreView(history, 'student', false, [], rmse);
    expect(view.readAt(20)).toEqual({ 'student/rmse': 6, 'control/rmse': 15 });
    expect(view.references[0]!.value).toBe(5);
    expect(scoreView(history, 'student', true).scale.domain).toEqual([0, 15]);
  });

  test('shows its own loss by name, raw and weighted', () => {
    const labels = (weighted: boolean) =>
      lossView(history, { phase: 'student', weighted, smoothing: 0, logarithmic: false }).lines.map(
        ({ label }) => label,
      );
    expect(labels(false)).toContain('Squared error (targets)');
    expect(labels(true)).toContain('Squared error (targets)');
    expect(quantityName(history, 'loss:mse')).toBe('Squared error (targets)');
    expect(defaultQuantity(history)).toBe('loss:kd');
  });

  test('names targets with their unit, and what the student is given', () => {
    expect(targetText(history, 1, 'truth')).toBe('60.0°');
    expect([0, 1].map((row) => labelState(history, row))).toEqual(['none', 'wrong']);
    expect(describeSample(history, 1)).toBe('Row 9, true value 60.0°, labelled “75.0°”');
    expect(describeSample(history, 0)).toMatch(/, no target$/);
  });

  test('filters by who is closer', () => {
    const { latest } = history.snapshots;
    expect(filteredRows(history, latest, 'teacher-only')).toEqual([0]);
    expect(filteredRows(history, latest, 'student-only')).toEqual([1]);
    expect(filteredRows(history, latest, 'no-label')).toEqual([0]);
    expect(errorOf(history, latest, 0, 'student')).toBeCloseTo(4 / 10);
    expect(scatterDots(history, 'loss:mse', 'teacher').map(({ confidence }) => confidence)).toEqual([
      0.1, 0.5,
    ]);
  });

  test('orders the map by the numbers', () => {
    expect(heatView(history, 'loss:mse', 'class')!.order).toEqual([0, 1]);
    expect(heatView(history, 'loss:mse', 'class')!.groups).toEqual([]);
  });

  test('draws what is predicted, or how far off it is, against what is true', () => {
    const answers = residualView(history, 0, false)!;
    expect(answers.learners).toEqual(['teacher', 'control', 'student']);
    expect([...answers.values.student!]).toEqual([44, 61, 44, 61]);
    const residuals = residualView(history, 0, true)!;
    expect([...residuals.values.control!]).toEqual([-12, 12, -12, 12]);
    expect(residuals.up.domain[0]).toBe(-residuals.up.domain[1]);
    expect(errorsOf(answers.truth, answers.values.student!)).toEqual({ mean: 2.5, bias: 2.5 });
  });

  test('is drawn beside others on their scales, with its samples in the same lines', () => {
    const [own, other] = residualViews([history, angleRun()], 0, false);
    expect(own!.learners).toEqual(['student']);
    expect(other!.up).toBe(own!.up);
    const none = new RunRecord('none', history.recipe);
    expect(residualViews([history, none], 0, false)[1]).toBeNull();
    const [first, second, missing] = heatViews([history, angleRun(), none], 'loss:mse', 'value');
    expect([second!.order, second!.range, second!.steps]).toEqual([first!.order, first!.range, first!.steps]);
    expect(missing).toBeNull();
    // One alone has what it always had.
    expect(heatViews([history], 'loss:mse', 'value')).toEqual([heatView(history, 'loss:mse', 'value')]);
  });
});

describe('a run on several labels', () => {
  const history = animalRun();

  test('shows the scores of each label, those that nothing measured left out', () => {
    const { learners, rows } = labelScores(history, 'f1');
    expect(learners).toEqual(['control', 'student']);
    expect(rows).toEqual([
      { name: 'cat', shares: { control: 0.6, student: 0.8 } },
      { name: 'dog', shares: { control: 0.4, student: 0.6 } },
    ]);
    expect(classShares(history).rows).toEqual([]);
  });

  test('is right about a sample when every label is', () => {
    const { latest } = history.snapshots;
    expect(errorOf(history, latest, 0, 'teacher')).toBe(1);
    expect(filteredRows(history, latest, 'student-only')).toEqual([0]);
    expect(describeSample(history, 0)).toBe('Row 7, labels cat, owl');
    expect(describeSample(history, 1)).toBe('Row 9, labels none, labelled “dog”');
  });

  test('says what its percentages are', () => {
    expect(plain(verdictOf(runResult(history)!).headline)).toMatch(
      /^Distillation gained 20\.0 points of mean average precision: the student reaches 80\.0 %/,
    );
  });

  test('has the scores of single labels in the report, which are no means', () => {
    globalThis.location ??= { href: 'http://localhost/' } as Location;
    const entry = { name: 'Animals', number: 1, state: 'finished', final: null, recipe: history.recipe };
    const { tables } = reportInput(entry as Parameters<typeof reportInput>[0], history);
    const { head, rows } = tables.find(({ title }) => title === 'Scores by label')!;
    expect(head).toEqual(['Target', 'Student, AP', 'Baseline, AP', 'Student, F1', 'Baseline, F1']);
    expect(rows[2]!.slice(1)).toEqual(['–', '–', '–', '–']);
  });
});

test('a row is drawn as bars from the mean of its column', () => {
  const scale = columnScale([0, 5, 2, 5], 2);
  expect(scale).toEqual({ mean: [1, 5], deviation: [1, 1] });
  const { pixels, height, width } = rowStack([0, 5, 2, 5], 2, scale);
  const colour = (row: number, x: number, y: number) => pixels[((row * height + y) * width + x) * 3];
  // Below the mean the bar is in the lower half, above it in the upper one; at the mean there is none.
  expect(colour(0, 0, 9)).not.toBe(colour(0, 0, 6));
  expect(colour(1, 0, 6)).not.toBe(colour(1, 0, 9));
  expect(colour(0, width - 1, 9)).toBe(colour(0, width - 1, 6));
});

test('the report is about rows, numbers and their errors', () => {
  const history = angleRun();
  globalThis.location ??= { href: 'http://localhost/' } as Location;
  const run = {
    name: 'Hand',
    number: 1,
    state: 'finished',
    final: history.outcome!.final,
    recipe: history.recipe,
  };
  const report = reportInput(run as Parameters<typeof reportInput>[0], history);
  expect(report.readouts[0]).toMatchObject({ label: 'Student', value: '5.00°' });
  expect(report.charts[0]!.title).toBe('Mean absolute error of the student, lower is better');
  const facts = report.tables[0]!.rows;
  expect(facts).toContainEqual(['Rows', '30 labelled, 100 unlabelled, 4 to test']);
  expect(facts).toContainEqual(['Targets', 'angle']);
  expect(report.images!.entries[0]!.words).toEqual([
    '40.0°',
    'no target',
    'Student: 44.0°',
    'Teacher: 41.0°',
  ]);
  expect(report.images!.entries[0]!.picture).toMatch(/^data:image\/png/);
  expect(JSON.stringify(report.tables)).not.toMatch(/\bimages?\b/i);
});
