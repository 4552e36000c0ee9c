/** Expressions of Python as text, in lines as `black` breaks them. */

export type Expression = string | number | boolean | null | readonly Expression[] | Call;

export interface Call {
  /** Name of the class or function. */
  call: string;
  /** By position. */
  values?: readonly Expression[];
  /** By name, behind those. */
  named?: Readonly<Record<string, Expression>>;
}

/** Longest line, as in all scripts of the project. */
const width = 120;

/** @param indent spaces before its lines @param before characters that stand in its first line already */
export function pythonText(expression: Expression, indent = 0, before = 0): string {
  const line = oneLine(expression);
  if (typeof expression !== 'object' || expression === null || indent + before + line.length <= width)
    return line;
  const [open, parts, close] = partsOf(expression);
  const lines = parts.map(([name, value]) => {
    const start = name === null ? '' : `${name}=`;
    return `${' '.repeat(indent + 4)}${start}${pythonText(value, indent + 4, start.length + 1)},\n`;
  });
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

function oneLine(expression: Expression): string {
  if (expression === null) return 'None';
  if (typeof expression === 'boolean') return expression ? 'True' : 'False';
  // Without the last digits of sums such as 0.1 + 0.2.
  if (typeof expression === 'number') return String(Number(expression.toPrecision(12)));
  if (typeof expression === 'string') return JSON.stringify(expression);
  const [open, parts, close] = partsOf(expression);
  const inner = parts.map(([name, value]) => (name === null ? '' : `${name}=`) + oneLine(value));
  return `${open}${inner.join(', ')}${close}`;
}

type Parts = [open: string, parts: [name: string | null, value: Expression][], close: string];

function partsOf(expression: readonly Expression[] | Call): Parts {
  if (isList(expression)) return ['[', expression.map((value) => [null, value]), ']'];
  const { call, values = [], named = {} } = expression;
  return [
    `${call}(`,
    [...values.map((value) => [null, value] as [null, Expression]), ...Object.entries(named)],
    ')',
  ];
}

const isList = (expression: readonly Expression[] | Call): expression is readonly Expression[] =>
  Array.isArray(expression);
