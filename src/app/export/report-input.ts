/** The content of a run’s report, in the words and colours of the page. */
import { pictureAddresses } from '../../export/report/image-urls';
import type { ReportImage, ReportInput } from '../../export/report/report';
import { recipeJson } from '../../export/recipe-json';
import { backendTitles } from '../../engine/backend-names';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import type { Learner } from '../../training/events';
import { count, duration, figure, percent, short } from '../format';
import { className, labelState, targetText, targetWords } from '../inspector/describe-sample';
import { partStyle } from '../instruments/names';
import { errorOf } from '../inspector/sample-filter';
import { trackedStack } from '../subject/row-picture';
import { instanceWords } from '../subject/instance-words';
import { primaryScore, withUnit } from '../subject/score-format';
import { taskWords } from '../subject/task-words';
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
import { secondDomainKey, type RunRecord } from '../../record/run-record';
import type { SeriesTable } from '../../record/series';
import { marksIn } from '../instruments/chart-marks';
import type { RunEntry } from '../store/library/library-store';
import { placeText } from '../store/library/library-store';
import { learnerStyles } from '../theme/learner-styles';
import { fairnessSentences } from '../../experiment/fairness';
import { rowOfRun } from '../../experiment/fair-row';
import { fairRunOf } from '../results/fair-run';
import { finalScores } from '../results/final-scores';
import { moreScores } from '../results/more-scores';
import { reliabilityView } from '../instruments/reliability-view';
import { runResult } from '../results/run-result';
import { verdictOf } from '../results/verdict';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

export function reportInput(run: RunEntry, history: RunRecord): ReportInput {
  const result = runResult(history);
  const final = run.final ?? {};
  const { recipe } = history;
  const score = primaryScore(history.facts);
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
      const value = final[learner];
      if (value === undefined) return [];
      return [
        {
          label: learnerStyles[learner].label,
          value: score.text(value),
          colour: learnerStyles[learner].colour,
        },
      ];
    }),
    charts: chartsOf(history),
    tables: [
      { title: 'Configuration', head: [], rows: factRows(history) },
      mindTable(run, history),
      {
        title: 'Networks',
        head: ['Network', 'Name', 'Parameters', 'Multiply-adds'],
        rows: networkRows(history),
      },
      finalTable(history),
      ...moreTables(history),
      perTargetTable(history),
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
  const score = primaryScore(history.facts);
  const measured = history.evaluations.student;
  const losses = history.steps.student.keys.filter(
    (key) => !key.includes('/') && !key.endsWith('·w') && key !== 'total',
  );
  return [
    {
      title: `${score.heading} of the student${score.lowerIsBetter ? ', lower is better' : ''}`,
      format: score.tick,
      marks: marksIn(history, 'student'),
      lines: learners
        .filter((learner) => measured.keys.includes(learner))
        .map((learner) => ({ ...learnerStyles[learner], points: line(measured, learner) })),
    },
    {
      title: `${score.heading} on the second domain${score.lowerIsBetter ? ', lower is better' : ''}`,
      format: score.tick,
      marks: marksIn(history, 'student'),
      lines: learners
        .filter((learner) => measured.has(secondDomainKey(learner)))
        .map((learner) => ({
          ...learnerStyles[learner],
          points: line(measured, secondDomainKey(learner)),
        })),
    },
    {
      title: 'Loss components of the student',
      format: figure,
      marks: marksIn(history, 'student'),
      lines: losses.map((key) => ({ ...partStyle(history, key), points: line(history.steps.student, key) })),
    },
    {
      title: `${score.heading} of the teacher in its own training`,
      format: score.tick,
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
    ['Data', materialSummary(recipe, facts)],
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
    ['Training', scheduleSummary(recipe, facts)],
    ...(facts
      ? ([
          [
            instanceWords(facts).Many,
            [
              `${count(facts.labelled)} labelled`,
              ...(facts.meta > 0 ? [`${extraLabels(facts.meta)} for the meta step`] : []),
              `${count(facts.unlabelled)} ${facts.generated ? 'generated' : 'unlabelled'}`,
              `${count(facts.test)} to test`,
            ].join(', '),
          ],
          facts.targets
            ? ['Targets', facts.targets.names.join(', ')]
            : ['Classes', count(facts.dataset.classes.length)],
        ] satisfies [string, string][])
      : []),
    ...(facts?.trainedIn ? ([['Trained in', facts.trainedIn]] satisfies [string, string][]) : []),
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

/** What makes it unfair to hold the student against its teacher or its baseline. */
function mindTable(run: RunEntry, history: RunRecord): ReportInput['tables'][number] {
  const sentences = fairnessSentences([rowOfRun(`run ${run.number}`, fairRunOf(history))], 'runs');
  return { title: 'Mind when you compare', head: [], rows: sentences.map((sentence) => [sentence]) };
}

function finalTable(history: RunRecord): ReportInput['tables'][number] {
  const scores = finalScores(history);
  return {
    title: 'Scores on the test split at the end',
    head: ['Network', ...(scores?.columns ?? [])],
    rows: (scores?.rows ?? []).map(({ learner, cells }) => [learnerStyles[learner].label, ...cells]),
  };
}

/** The scores beside the first ones, and what the networks cost. */
function moreTables(history: RunRecord): ReportInput['tables'] {
  const more = moreScores(history);
  if (!more) return [];
  return [
    ...more.tables.map(({ title, columns, rows }) => ({
      title,
      head: ['Network', ...columns.map(({ head }) => head)],
      rows: rows.map(({ learner, cells }) => [learnerStyles[learner].label, ...cells]),
    })),
    { title: 'Beside them', head: [], rows: more.facts.map(({ name, text }) => [name, text]) },
    reliabilityTable(history),
  ];
}

/** The reliability diagram as numbers. */
function reliabilityTable(history: RunRecord): ReportInput['tables'][number] {
  const view = reliabilityView(history);
  const curves = view?.curves.toReversed() ?? [];
  return {
    title: 'Reliability: predictions by confidence',
    head: ['Confidence, %', ...curves.map(({ learner }) => `${learnerStyles[learner].label}: count, right`)],
    rows: Array.from({ length: view?.bins ?? 0 }, (_, bin) => [
      `${((100 * bin) / view!.bins).toFixed(1)} to ${((100 * (bin + 1)) / view!.bins).toFixed(1)}`,
      ...curves.map(({ bins: { counts, accuracy } }) =>
        counts[bin] === 0 ? 'empty' : `${count(counts[bin]!)}, ${percent(accuracy[bin]!)}`,
      ),
    ]),
  };
}

function perTargetTable(history: RunRecord): ReportInput['tables'][number] {
  const { facts, outcome, task } = history;
  if (facts?.targets) {
    const { names, units } = facts.targets;
    const columns = task.scores.flatMap(({ id, short, ofOne = short, unit }) =>
      learners
        .filter((learner) => outcome?.perTarget?.[id]?.[learner])
        .map((learner) => ({
          head: `${learnerStyles[learner].short ?? learnerStyles[learner].label}, ${ofOne}`,
          text: (place: number) => {
            const value = outcome!.perTarget![id]![learner]![place] ?? Number.NaN;
            if (!Number.isFinite(value)) return '–';
            if (unit === 'share') return percent(value, 0);
            return unit === 'target' ? withUnit(figure(value), units[place] ?? '') : figure(value);
          },
        })),
    );
    return {
      title: task.id === 'multilabel' ? 'Scores by label' : 'Scores by number',
      head: ['Target', ...columns.map(({ head }) => head)],
      rows:
        columns.length === 0
          ? []
          : names.map((name, place) => [name, ...columns.map(({ text }) => text(place))]),
    };
  }
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
  const { tracked, snapshots } = history;
  const latest = snapshots.latest;
  if (!tracked || tracked.images.length === 0) return null;
  const answer = (learner: Learner, row: number) => {
    const { label: who } = learnerStyles[learner];
    if (tracked.targets) {
      const width = history.facts?.targets?.names.length ?? 1;
      const given = latest?.answers?.[learner]?.slice(row * width, (row + 1) * width);
      return (
        given && { words: `${who}: ${targetWords(history, given, history.facts?.targets?.units ?? [])}` }
      );
    }
    const classes = history.facts?.dataset.classes.length ?? 0;
    const all = latest?.probabilities[learner]?.slice(row * classes, (row + 1) * classes);
    if (!all || all.length === 0) return null;
    const top = all.indexOf(Math.max(...all));
    return {
      words: `${who}: ${className(history, top)}, ${percent(all[top]!, 0)}`,
    };
  };
  const pictures = pictureAddresses({ ...tracked, ...trackedStack(tracked) });
  return {
    title: 'Tracked samples',
    note: latest
      ? `Predictions at step ${count(latest.step)}${tracked.targets ? '' : ', with their probabilities'}.`
      : 'They were not measured yet.',
    entries: tracked.images.map((_, row): ReportImage => {
      const [student, teacher] = [answer('student', row), answer('teacher', row)];
      const error = errorOf(history, latest, row, 'student');
      const label = {
        true: '',
        wrong: `labelled ${targetText(history, row, 'given')}`,
        none: taskWords[history.task.id].none,
      }[labelState(history, row)];
      return {
        picture: pictures[row]!,
        words: [targetText(history, row, 'truth'), label, student?.words ?? '', teacher?.words ?? ''].filter(
          Boolean,
        ),
        // A number is never quite right.
        right: student && error !== null && history.task.id !== 'regression' ? error === 0 : null,
      };
    }),
  };
}
