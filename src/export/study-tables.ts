/** Results of an experiment as text: a Markdown table, and its single runs as comma-separated text. */
import type { Study } from '../distill/study/study';
import type { StudyLine, StudyResult } from '../distill/study/table';
import { taskAbouts, type ScoreAbout } from '../distill/tasks/about';
import { extraLabels } from '../distill/weighting/hint-dynamic/about';
import { asText, csvTable } from './csv-table';

/** The table in Markdown; percentages have one digit, other scores three figures, a dash means not measured. */
export function tableMarkdown(lines: readonly StudyLine[]): string {
  const [score] = taskAbouts[lines.find(({ runs }) => runs > 0)?.task ?? 'classification'].scores;
  const isShare = score.unit === 'share';
  const ofTarget = lines.find((line) => line.unit !== '')?.unit;
  const unit =
    score.id === 'accuracy'
      ? '%'
      : isShare
        ? `${score.short} %`
        : [score.short, ...(ofTarget ? [ofTarget] : [])].join(', ');
  const head = `| method | student ${unit} | baseline ${unit} | gain${isShare ? ' (points)' : ofTarget ? `, ${ofTarget}` : ''} | seeds won | teacher ${unit} | s / run | ms / step |`;
  const rule = '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |';
  const rows = lines.map((line) => {
    const failed = line.failures.length > 0 ? ` (${line.failures.length} failed: ${line.failures[0]!})` : '';
    const extra = line.extraLabels > 0 ? `, learned with ${extraLabels(line.extraLabels)}` : '';
    const cells = [
      markdownText(`${line.name}${extra}${failed}`),
      withSpread(score, line.student, line.deviation),
      figure(score, line.control),
      withSpread(score, line.gain, line.gainDeviation, true),
      line.compared > 0 ? `${line.wins}/${line.compared}` : '–',
      figure(score, line.teacher),
      line.seconds === null ? '–' : line.seconds.toFixed(1),
      line.stepMs === null ? '–' : line.stepMs.toFixed(1),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [head, rule, ...rows].join('\n');
}

/** One row per run. */
export function resultsCsv({ entries }: Study, results: readonly StudyResult[]): string {
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
    const { seed, student, control, teacher, seconds, stepMs, extraLabels: extra = 0, failure } = result;
    return [
      name,
      method,
      seed,
      student,
      control,
      teacher,
      Number(seconds.toFixed(2)),
      stepMs,
      extra,
      failure,
    ];
  });
  // Which score the numbers are, where it is not accuracy.
  const scores = results.map(({ task }) => taskAbouts[task ?? 'classification'].scores[0].id);
  if (scores.every((score) => score === 'accuracy')) return csvTable(head, rows);
  return csvTable(
    [...head, 'score'],
    rows.map((row, i) => [...row, scores[i]]),
  );
}

/** Escapes a text for a Markdown table: "|" separates cells, and HTML and links would be interpreted. */
function markdownText(text: string): string {
  return asText(text).replaceAll(/[\\|`<>[\]]/g, (sign) => `\\${sign}`);
}

function figure({ unit }: ScoreAbout, value: number | null): string {
  if (value === null) return '–';
  return unit === 'share' ? (100 * value).toFixed(1).replace(/^-0\.0$/, '0.0') : value.toPrecision(3);
}

function withSpread(
  score: ScoreAbout,
  mean: number | null,
  deviation: number | null,
  signed = false,
): string {
  if (mean === null) return '–';
  const sign = signed && mean > 0 ? '+' : '';
  return `${sign}${figure(score, mean)}${deviation === null ? '' : ` ± ${figure(score, deviation)}`}`;
}
