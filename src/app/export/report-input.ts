/** The content of a run’s report, in the words and colours of the page. */
import { pictureAddresses } from '../../export/report/image-urls';
import type { ReportImage, ReportInput } from '../../export/report/report';
import { recipeJson } from '../../export/recipe-json';
import { backendTitles } from '../../engine/backend-names';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import type { Learner } from '../../training/events';
import { count, duration, figure, percent, short } from '../format';
import { className, labelState } from '../inspector/describe-image';
import { partStyle } from '../instruments/names';
import { recipeToHash } from '../recipe/link';
import {
  hintsSummary,
  materialSummary,
  methodName,
  scheduleSummary,
  studentSummary,
  teacherSummary,
  weightingSummary,
} from '../recipe/summaries';
import type { RunRecord } from '../../record/run-record';
import type { SeriesTable } from '../../record/series';
import { marksIn } from '../instruments/chart-marks';
import type { RunEntry } from '../store/library/library-store';
import { placeText } from '../store/library/library-store';
import { learnerStyles } from '../theme/learner-styles';
import { runResult } from '../results/run-result';
import { verdictOf } from '../results/verdict';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'teacher'];

export function reportInput(run: RunEntry, history: RunRecord): ReportInput {
  const result = runResult(history);
  const final = run.final ?? {};
  const { recipe } = history;
  return {
    title: run.name,
    subtitle: [
      `Run ${run.number}`,
      methodName(recipe).title,
      run.state,
      ...(history.facts && history.facts.meta > 0 ? [`learned with ${extraLabels(history.facts.meta)}`] : []),
    ].join(', '),
    verdict: result && verdictOf(result),
    readouts: learners.flatMap((learner) => {
      const accuracy = final[learner];
      if (accuracy === undefined) return [];
      return [
        {
          label: learnerStyles[learner].label,
          value: percent(accuracy),
          colour: learnerStyles[learner].colour,
        },
      ];
    }),
    charts: chartsOf(history),
    tables: [
      { title: 'Configuration', head: [], rows: factRows(history) },
      {
        title: 'Networks',
        head: ['Network', 'Name', 'Parameters', 'Multiply-adds'],
        rows: networkRows(history),
      },
      classTable(history),
      {
        title: 'Knobs changed during the run',
        head: ['Knob', 'Step', 'From', 'To'],
        rows: history.marks.map(({ label, step, from, to }) => [
          label,
          count(step),
          String(from),
          String(to),
        ]),
      },
    ],
    images: imagesOf(history),
    recipe: recipeJson(run.recipe),
    link: `${location.href.split('#')[0]!}${recipeToHash(run.recipe)}`,
    sources: ['Made with Retort. Everything was computed in the browser that ran it.'],
  };
}

function chartsOf(history: RunRecord): ReportInput['charts'] {
  const line = (table: SeriesTable, key: string) => {
    const values = table.column(key);
    return Array.from(table.steps, (step, i) => ({ step, value: values[i]! }));
  };
  const measured = history.evaluations.student;
  const losses = history.steps.student.keys.filter(
    (key) => !key.includes('/') && !key.endsWith('·w') && key !== 'total',
  );
  return [
    {
      title: 'Accuracy of the student',
      format: (value) => percent(value, 0),
      marks: marksIn(history, 'student'),
      lines: learners
        .filter((learner) => measured.keys.includes(learner))
        .map((learner) => ({ ...learnerStyles[learner], points: line(measured, learner) })),
    },
    {
      title: 'Loss components of the student',
      format: figure,
      marks: marksIn(history, 'student'),
      lines: losses.map((key) => ({ ...partStyle(history, key), points: line(history.steps.student, key) })),
    },
    {
      title: 'Accuracy of the teacher in its own training',
      format: (value) => percent(value, 0),
      marks: marksIn(history, 'teacher'),
      lines: history.evaluations.teacher.keys.includes('teacher')
        ? [{ ...learnerStyles.teacher, points: line(history.evaluations.teacher, 'teacher') }]
        : [],
    },
  ];
}

function factRows(history: RunRecord): [string, string][] {
  const { facts, recipe, outcome, backends } = history;
  return [
    ['Data', materialSummary(recipe)],
    ['Teacher', teacherSummary(recipe)],
    [
      'Distillation losses',
      hintsSummary(
        recipe,
        facts?.hintWeights?.map(({ weight }) => weight),
      ),
    ],
    ['Weighting', weightingSummary(recipe)],
    ['Student', studentSummary(recipe)],
    ['Training', scheduleSummary(recipe)],
    ...(facts
      ? ([
          [
            'Images',
            [
              `${count(facts.labelled)} labelled`,
              ...(facts.meta > 0 ? [`${extraLabels(facts.meta)} for the meta step`] : []),
              `${count(facts.unlabelled)} unlabelled`,
              `${count(facts.test)} to test`,
            ].join(', '),
          ],
          ['Classes', count(facts.dataset.classes.length)],
        ] satisfies [string, string][])
      : []),
    ...(backends.length > 0 ? ([['Backend', backendText(backends)]] satisfies [string, string][]) : []),
    ...(outcome ? ([['Time', duration(outcome.seconds)]] satisfies [string, string][]) : []),
  ];
}

/** "WebGPU (A), then WebAssembly (SIMD) from step 120" */
function backendText(backends: RunRecord['backends']): string {
  return backends
    .map(({ name, device, from }, place) => {
      const start = place > 0 && from ? ` from ${placeText(from)}` : '';
      return `${backendTitles[name]}${device && ` (${device})`}${start}`;
    })
    .join(', then ');
}

function networkRows({ facts }: RunRecord): string[][] {
  return (facts?.networks ?? []).map(({ role, name, parameters, multiplyAdds }) => [
    learnerStyles[role].label,
    name,
    count(parameters),
    short(multiplyAdds),
  ]);
}

function classTable({ facts, outcome }: RunRecord): ReportInput['tables'][number] {
  const measured = learners.filter((learner) => outcome?.perClass[learner] !== undefined);
  return {
    title: 'Per-class accuracy',
    head: ['Class', ...measured.map((learner) => learnerStyles[learner].label)],
    rows:
      measured.length === 0
        ? []
        : (facts?.dataset.classes ?? []).map((name, label) => [
            name,
            ...measured.map((learner) => percent(outcome!.perClass[learner]![label] ?? 0, 0)),
          ]),
  };
}

function imagesOf(history: RunRecord): ReportInput['images'] {
  const { watched, snapshots } = history;
  const latest = snapshots.latest;
  if (!watched || watched.images.length === 0) return null;
  const answer = (learner: Learner, row: number) => {
    const classes = history.facts?.dataset.classes.length ?? 0;
    const all = latest?.probabilities[learner]?.slice(row * classes, (row + 1) * classes);
    if (!all || all.length === 0) return null;
    const top = all.indexOf(Math.max(...all));
    return {
      top,
      words: `${learnerStyles[learner].label}: ${className(history, top)}, ${percent(all[top]!, 0)}`,
    };
  };
  const pictures = pictureAddresses(watched);
  return {
    title: 'Tracked samples',
    note: latest
      ? `Predictions at step ${count(latest.step)}, with their probabilities.`
      : 'They were not measured yet.',
    entries: watched.images.map(({ trueLabel, givenLabel }, row): ReportImage => {
      const [student, teacher] = [answer('student', row), answer('teacher', row)];
      const label = {
        true: '',
        wrong: `labelled ${className(history, givenLabel)}`,
        none: 'no label',
      }[labelState(history, row)];
      return {
        picture: pictures[row]!,
        words: [className(history, trueLabel), label, student?.words ?? '', teacher?.words ?? ''].filter(
          Boolean,
        ),
        right: student ? student.top === trueLabel : null,
      };
    }),
  };
}
