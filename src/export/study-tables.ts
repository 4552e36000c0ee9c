/** Results of an experiment as text: a Markdown table, and its single runs as comma-separated text. */
import type { Study } from '../distill/study/study';
import type { StudyLine, StudyResult } from '../distill/study/table';
import { extraLabels } from '../distill/weighting/hint-dynamic/about';
import { asText, csvTable } from './csv-table';

/** The table in Markdown; percentages have one digit, a dash means not measured. */
export function tableMarkdown(lines: readonly StudyLine[]): string {
  const head =
    '| method | student % | baseline % | gain (points) | seeds won | teacher % | s / run | ms / step |';
  const rule = '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |';
  const rows = lines.map((line) => {
    const failed = line.failures.length > 0 ? ` (${line.failures.length} failed: ${line.failures[0]!})` : '';
    const extra = line.extraLabels > 0 ? `, learned with ${extraLabels(line.extraLabels)}` : '';
    const cells = [
      markdownText(`${line.name}${extra}${failed}`),
      withSpread(line.student, line.deviation),
      percent(line.control),
      withSpread(line.gain, line.gainDeviation, true),
      line.compared > 0 ? `${line.wins}/${line.compared}` : '–',
      percent(line.teacher),
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
  return csvTable(head, rows);
}

/** Escapes a text for a Markdown table: "|" separates cells, and HTML and links would be interpreted. */
function markdownText(text: string): string {
  return asText(text).replaceAll(/[\\|`<>[\]]/g, (sign) => `\\${sign}`);
}

function percent(share: number | null): string {
  return share === null ? '–' : (100 * share).toFixed(1).replace(/^-0\.0$/, '0.0');
}

function withSpread(mean: number | null, deviation: number | null, signed = false): string {
  if (mean === null) return '–';
  const sign = signed && mean > 0 ? '+' : '';
  return `${sign}${percent(mean)}${deviation === null ? '' : ` ± ${percent(deviation)}`}`;
}
