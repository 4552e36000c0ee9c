/** Tables of Weka. */
import { describe, expect, test } from 'vitest';
import { onlyView, type VectorSpec } from '../../../src/data/dataset';
import { file, loadedSet, refused } from './builders';

const header = `% A comment that is longer than the first bytes that are looked at: ${'%'.repeat(5000)}

@RELATION 'small birds'
@attribute 'beak length' REAL
@ATTRIBUTE "colour's name" {red, 'pale blue', "it\\"s green"}
@attribute nr integer
@attribute seen date "yyyy-MM-dd"
@attribute note string
@attribute kind {1,2}
@data
`;
const rows = Array.from({ length: 40 }, (_, row) => {
  const colour = ['red', "'pale blue'", '"it\\"s green"', '?'][row % 4];
  return `${row % 5 ? row / 2 : '?'}, ${colour}, ${row % 7}, "20${10 + row}-01-01", 'note, ${row}', ${1 + (row % 2)}`;
});
const read = (text: string) => loadedSet([file('birds.arff', text)]);
const names = (set: Awaited<ReturnType<typeof read>>) => (set.dataset.inputs[onlyView] as VectorSpec).names;

describe('ARFF', () => {
  test('has numbers, named values, gaps, dates and texts; quotes and comments are understood', async () => {
    const set = await read(header + rows.join('\r\n% between\r\n'));
    expect(set.report).toMatchObject({ format: 'ARFF', classes: ['1', '2'], train: 32, test: 8 });
    expect(names(set)).toEqual([
      'beak length',
      'beak length is missing',
      'colour\'s name = it"s green',
      "colour's name = pale blue",
      "colour's name = red",
      "colour's name is missing",
      'nr',
    ]);
    expect(set.report.columns?.map(({ use }) => use)).toEqual([
      'number',
      'category',
      'number',
      'left out',
      'left out',
      'target',
    ]);
    expect(set.report.columns![4]!.cells[0]).toBe('note, 0');
  });

  test('has sparse rows, in which a missing number is 0 and a missing value the first one, and weights of rows', async () => {
    const sparse = Array.from(
      { length: 30 },
      (_, row) => `{0 ${row + 0.5}, ${row % 3 ? `1 ${row}, ` : ''}3 ${row % 2 ? 'b' : "'a b'"}}, {2.5}`,
    );
    const set = await read(
      `@relation s\n@attribute x numeric\n@attribute y real\n@attribute z {u, v}\n@attribute class {b, 'a b'}\n@data\n${sparse.join('\n')}`,
    );
    expect(set.report.classes).toEqual(['a b', 'b']);
    expect(names(set)).toEqual(['x', 'y']);
    const { values } = set.dataset.train.inputs[onlyView]!;
    for (let at = 0; at < values.length; at += 2) {
      const row = values[at]! - 0.5;
      expect(values[at + 1]).toBe(row % 3 ? row : 0);
    }
    expect(set.report.columns![2]).toMatchObject({ use: 'left out', cells: ['u', 'u', 'u', 'u', 'u'] });
  });

  test('as a pair of files keeps their split', async () => {
    const part = (from: number, to: number) => header + rows.slice(from, to).join('\n');
    const { report } = await loadedSet([
      file('birds-train.arff', part(0, 28)),
      file('birds-test.arff', part(28, 40)),
    ]);
    expect(report).toMatchObject({ train: 28, test: 12 });
  });

  test.each([
    ['a relational attribute', '@relation r\n@attribute bag relational\n@data\n', 'a table in each cell'],
    ['an unknown type', '@relation r\n@attribute x colour\n@data\n', 'unknown type “colour”'],
    ['no data', '@relation r\n@attribute x numeric\n', 'no line “@data”'],
    ['no rows', '@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n', 'has 0 rows'],
    ['an open list', '@relation r\n@attribute x {a, b\n@data\n', 'without its “}”'],
    ['something else in the header', '@relation r\n@atribute x numeric\n@data\n', 'before “@data”'],
    [
      'undeclared values',
      `@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n${'1,c\n'.repeat(30)}`,
      'line 5 has “c”, which is none of the values of “y”',
    ],
    [
      'ragged rows',
      `@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n${'1,a,2\n'.repeat(30)}`,
      'has 3 cells where the header has 2',
    ],
    [
      'texts for numbers',
      `@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n${'one,a\n'.repeat(30)}`,
      'has “one” where “x” has numbers',
    ],
    [
      'an open quote',
      `@relation r\n@attribute x string\n@attribute y {a,b}\n@data\n${"'it,a\n".repeat(30)}`,
      'opens a quote',
    ],
    [
      'a sparse row of another table',
      `@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n${'{7 1}\n'.repeat(30)}`,
      'number of no attribute',
    ],
  ])('with %s is refused in a sentence', async (_, text, sentence) => {
    expect((await refused([file('r.arff', text)])).message).toContain(sentence);
  });
});
