/** Results of an experiment as text: a Markdown table, and its single runs as comma-separated text. */
import type { Experiment } from '../experiment/experiment';
import {
  correctionText,
  scoreFor,
  scoreIn,
  tableOf,
  unfairnessOf,
  type ExperimentLine,
  type CellResult,
  type ComparedLearner,
} from '../experiment/table';
import type { Comparison } from '../experiment/statistics';
import { taskAbouts, type ScoreAbout } from '../distill/tasks/about';
import { extraLabels } from '../distill/weighting/hint-dynamic/about';
import { asText, csvTable, type Cell } from './csv-table';

/** The table in Markdown; percentages have one digit, other scores three figures, a dash means not measured. */
export function tableMarkdown(lines: readonly ExperimentLine[]): string {
  const score = scoreOf(lines);
  const head = `| ${lineHead(lines).join(' | ')} |`;
  const rule = '| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |';
  const rows = lines.map((line) => {
    const [name, ...cells] = lineCells(score, line);
    return `| ${[markdownText(name!), ...cells].join(' | ')} |`;
  });
  return [head, rule, ...rows].join('\n');
}

function scoreOf(lines: readonly ExperimentLine[]): ScoreAbout {
  return lines.find(({ runs }) => runs > 0)?.score ?? taskAbouts.classification.scores[0];
}

/** Heads of the table's columns, with their units. */
export function lineHead(lines: readonly ExperimentLine[]): string[] {
  const score = scoreOf(lines);
  const isShare = score.unit === 'share';
  const ofTarget = lines.find((line) => line.unit !== '')?.unit;
  const unit =
    score.id === 'accuracy'
      ? '%'
      : isShare
        ? `${score.short} %`
        : [score.short, ...(ofTarget ? [ofTarget] : [])].join(', ');
  return [
    'method',
    `student ${unit}`,
    `baseline ${unit}`,
    `gain${isShare ? ' (points)' : ofTarget ? `, ${ofTarget}` : ''}`,
    '95 % interval',
    'seeds won',
    'verdict',
    `teacher ${unit}`,
    's / run',
    'ms / step',
  ];
}

/** A row of the table, in the order of `lineHead`. */
export function lineCells(score: ScoreAbout, line: ExperimentLine): string[] {
  const failed = line.failures.length > 0 ? ` (${line.failures.length} failed: ${line.failures[0]!})` : '';
  const extra = line.extraLabels > 0 ? `, learned with ${extraLabels(line.extraLabels)}` : '';
  return [
    `${line.name}${extra}${failed}`,
    line.student ? withSpread(score, line.student.mean, line.student.deviation) : '–',
    figure(score, line.control),
    line.gain ? withSpread(score, line.gain.mean, line.gain.deviation, true) : '–',
    line.gain?.interval ? line.gain.interval.map((end) => signed(score, end)).join(' to ') : '–',
    line.gain ? `${line.gain.wins}/${line.gain.n}` : '–',
    line.gain ? verdictText(line.gain) : '–',
    figure(score, line.teacher),
    line.seconds === null ? '–' : line.seconds.toFixed(1),
    line.stepMs === null ? '–' : line.stepMs.toFixed(1),
  ];
}

/** What a table over seeds means, and what sets its rows apart beside what they compare: lines of Markdown to go with it. */
export function tableNotes(experiment: Experiment, results: readonly CellResult[], wanted?: string): string {
  const unalike = unfairnessOf(experiment, results);
  const corrected = correctionText(tableOf(experiment, results, wanted));
  return [
    `Mean over seeds ± standard deviation; gain over the baseline (no teacher) of the same seed with its 95 % interval (Student’s t)${corrected === '' ? '' : `; verdicts ${corrected}`}.`,
    ...(unalike.length > 0
      ? ['', 'Mind when you compare:', '', ...unalike.map((sentence) => `- ${markdownText(sentence)}`)]
      : []),
  ].join('\n');
}

/**
 * One row per run. What sets the entries apart stands in a column of its own, the same in every row: lines of comment
 * would be rows for most programs, and a row may be taken out of the table alone.
 * @param wanted id of the score that the numbers are, as `tableOf` takes it
 */
export function resultsCsv(experiment: Experiment, results: readonly CellResult[], wanted?: string): string {
  const { entries } = experiment;
  const head = [
    'name',
    'method',
    'seed',
    'student',
    'control',
    'teacher',
    'seconds',
    'ms_per_step',
    'extra_labels',
    'failure',
  ];
  const rows = results.map((result) => {
    const { name, method } = entries[result.entry]!;
    const { seed, seconds, stepMs, size, failure } = result;
    const score = scoreFor([result], wanted);
    return [
      name,
      method,
      seed,
      scoreIn(result, score, 'student'),
      scoreIn(result, score, 'control'),
      scoreIn(result, score, 'teacher'),
      Number(seconds.toFixed(2)),
      stepMs,
      size?.meta ?? 0,
      failure,
    ];
  });
  // Which score the numbers are, where it is not accuracy.
  const scores = results.map((result) => scoreFor([result], wanted).id);
  const mind = unfairnessOf(experiment, results).join(' ');
  const more: { title: string; cell: (row: number) => Cell }[] = [
    ...furtherColumns(results).map(({ title, of }) => ({ title, cell: (row: number) => of(results[row]!) })),
    ...(scores.every((score) => score === 'accuracy')
      ? []
      : [{ title: 'score', cell: (row: number) => scores[row]! }]),
    ...(mind === '' ? [] : [{ title: 'mind_when_comparing', cell: () => mind }]),
  ];
  return csvTable(
    [...head, ...more.map(({ title }) => title)],
    rows.map((row, place) => [...row, ...more.map(({ cell }) => cell(place))]),
  );
}

const comparedLearners: readonly ComparedLearner[] = ['student', 'control', 'teacher'];

/** Every score, costs, latencies (ms) and sizes of the runs, as far as one of them has them. */
function furtherColumns(results: readonly CellResult[]) {
  const ids = [...new Set(results.flatMap(({ scores }) => Object.keys(scores ?? {})))];
  const ofLearners = (
    name: string,
    of: (result: CellResult, learner: ComparedLearner) => Cell,
  ): { title: string; of: (result: CellResult) => Cell }[] =>
    comparedLearners.map((learner) => ({
      title: `${name}:${learner}`,
      of: (result) => of(result, learner),
    }));
  const columns = [
    ...ids.flatMap((id) => ofLearners(id, ({ scores }, learner) => scores?.[id]?.[learner])),
    ...ofLearners('parameters', ({ costs }, learner) => costs?.[learner]?.parameters),
    ...ofLearners('multiply_adds', ({ costs }, learner) => costs?.[learner]?.multiplyAdds),
    ...ofLearners('bytes', ({ costs }, learner) => costs?.[learner]?.bytes),
    ...ofLearners('latency_ms', ({ latencies }, learner) => latencies?.networks[learner]?.one),
    ...ofLearners('latency_batch_ms', ({ latencies }, learner) => latencies?.networks[learner]?.batch),
    ...(['labelled', 'unlabelled', 'steps', 'beside'] as const).map((name) => ({
      title: name === 'beside' ? 'extra_parameters' : name,
      of: ({ size }: CellResult): Cell => size?.[name],
    })),
    { title: 'computed_on', of: ({ computedOn }: CellResult): Cell => computedOn },
  ];
  return columns.filter(({ of }) => results.some((result) => of(result) != null));
}

/** Escapes a text for a Markdown table: "|" separates cells, and HTML and links would be interpreted. */
function markdownText(text: string): string {
  return asText(text).replaceAll(/[\\|`<>[\]]/g, (sign) => `\\${sign}`);
}

/** "93.1" for a share, three figures for any other score. */
export function figure({ unit }: ScoreAbout, value: number | null): string {
  if (value === null) return '–';
  return unit === 'share' ? (100 * value).toFixed(1).replace(/^-0\.0$/, '0.0') : value.toPrecision(3);
}

function withSpread(score: ScoreAbout, mean: number, deviation: number | null, isGain = false): string {
  return `${isGain ? signed(score, mean) : figure(score, mean)}${deviation === null ? '' : ` ± ${figure(score, deviation)}`}`;
}

export function signed(score: ScoreAbout, gain: number): string {
  return `${gain > 0 ? '+' : ''}${figure(score, gain)}`;
}

function verdictText({ verdict, seedsNeeded }: Comparison): string {
  return verdict === 'undecided' && seedsNeeded ? `undecided (about ${seedsNeeded} seeds)` : verdict;
}
