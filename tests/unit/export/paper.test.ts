/** What leaves the page for a paper: LaTeX, BibTeX and the sizes of figures. */
import { expect, it } from 'vitest';
import { layoutOf, lengthText, presets, rasterOf, firstLook } from '../../../src/app/figures/figure-size';
import { withDensity } from '../../../src/export/png-density';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe } from '../../../src/distill/recipe';
import { experimentOfMethods } from '../../../src/experiment/experiment';
import type { CellResult } from '../../../src/experiment/table';
import { bibtex, citationKey, papersOf } from '../../../src/export/bibtex';
import { experimentJson } from '../../../src/export/experiment-json';
import { experimentBibtex, tableLatex } from '../../../src/export/experiment-latex';
import { tableNotes } from '../../../src/export/experiment-tables';
import { latexText } from '../../../src/export/latex-text';
import { experimentReport } from '../../../src/export/report/experiment-report';

const cited = methods.flatMap(({ id, paper }) => (paper ? [{ id, paper }] : []));

it.each(cited)('the paper of $id is a BibTeX entry', ({ paper }) => {
  const text = bibtex([paper]);
  const [, type, key, body] = /^@(inproceedings|article|misc)\{([a-z]+\d{4}[a-z0-9]+),\n([^]*)\n\}\n$/.exec(
    text,
  )!;
  expect(key).toBe(citationKey(paper));
  const fields = new Map(
    body!.split('\n').map((line) => {
      const [, name, value] = /^ {2}([a-z]+) = \{(.*)\},$/.exec(line)!;
      return [name!, value!];
    }),
  );
  const place = { inproceedings: 'booktitle', article: 'journal', misc: 'howpublished' }[type!]!;
  for (const name of ['author', 'title', 'year', place]) expect(fields.get(name), name).toBeTruthy();
  for (const [name, value] of fields) {
    const depth = [...value].reduce((sum, sign) => sum + (sign === '{' ? 1 : sign === '}' ? -1 : 0), 0);
    expect(depth, `braces of ${name}`).toBe(0);
    expect(value).not.toMatch(/(^|[^\\])[&%#]/);
  }
  expect(fields.get('author')!.split(' and ')).not.toContain('');
  expect(fields.get('author')).not.toMatch(/,|et al/);
});

it('no two papers have one key', () => {
  const titles = new Map<string, Set<string>>();
  for (const { paper } of cited) {
    const key = citationKey(paper);
    titles.set(key, (titles.get(key) ?? new Set()).add(paper.title));
  }
  expect([...titles].filter(([, all]) => all.size > 1)).toEqual([]);
});

it('a recipe cites its method, losses, weighting and teacher, each once', () => {
  const hkd = methods.find(({ id }) => id === 'hkd')!.apply(defaultRecipe());
  const keys = papersOf(hkd).map(citationKey);
  expect(keys).toEqual(['liu2023hint', 'hinton2015distilling', 'romero2015fitnets']);
});

it('no text is a command of LaTeX', () => {
  expect(latexText('50 % of a_b & {c} $x$ #1 \\input{y} ~^')).toBe(
    '50 \\% of a\\_b \\& \\{c\\} \\$x\\$ \\#1 \\textbackslash{}input\\{y\\} \\textasciitilde{}\\textasciicircum{}',
  );
  expect(latexText('“γ” 4×4 − é 数')).toBe("``$\\gamma$'' 4$\\times$4 $-$ é ?");
});

const { experiment } = experimentOfMethods(defaultRecipe(), ['labels-only', 'kd', 'dkd'], [1, 2, 3]);
const results: CellResult[] = experiment.entries.flatMap((_, entry) =>
  [1, 2, 3].map((seed) => ({
    entry,
    seed,
    student: 0.9 + 0.02 * entry + 0.001 * seed * (entry + 1),
    control: 0.9 - 0.0005 * seed,
    teacher: 0.99,
    seconds: 1.5,
    stepMs: 2,
    failure: null,
  })),
);

it('a table in LaTeX has as many cells in every row as columns, one best row and a note on the tests', () => {
  const text = tableLatex({ ...experiment, title: 'KD & 100 % “more”' }, results);
  const rows = text.split('\n').filter((line) => line.endsWith('\\\\'));
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row.split(/(?<!\\)&/)).toHaveLength(8);
  expect(text.match(/\\textbf/g)).toHaveLength(1);
  expect(rows[3]).toMatch(/DKD.*\\cite\{zhao2022decoupled\} & \\textbf\{94\.6\} \$\\pm\$ 0\.3/);
  expect(text).toContain('corrected for 3 comparisons (Holm)');
  expect(text).toContain("\\caption{KD \\& 100 \\% ``more''");
  for (const [, key] of text.matchAll(/\\cite\{(.*?)\}/g))
    expect(experimentBibtex(experiment)).toContain(`{${key},`);
});

it('a table that is longer than a page breaks across pages, with the same cells', () => {
  const entries = Array.from({ length: 50 }, () => experiment.entries[0]!);
  const text = tableLatex(
    { ...experiment, entries },
    entries.map((_, entry) => ({ ...results[0]!, entry })),
  );
  expect(text).toContain('\\begin{longtable}');
  expect(text).not.toContain('\\begin{table}');
  const rows = text.split('\n').filter((line) => line.split(/(?<!\\)&/).length === 8);
  // The head stands on the first page and on those after it.
  expect(rows).toHaveLength(52);
});

it('one comparison is not corrected', () => {
  const [alone] = experiment.entries;
  const one = { ...experiment, entries: [alone!] };
  const text = tableNotes(one, results.slice(0, 3));
  expect(text).not.toContain('corrected');
  expect(tableNotes(experiment, results)).toContain('verdicts corrected for 3 comparisons (Holm)');
});

it('the report of an experiment is one page without scripts, and no text of the user is HTML', () => {
  const costs = { student: { parameters: 1234, multiplyAdds: 5678, bytes: 4936 } };
  const html = experimentReport(
    { ...experiment, title: '<script>alert(1)</script>' },
    results.map((result) => ({ ...result, costs })),
  );
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;');
  expect(html).toContain('verdicts corrected for 3 comparisons (Holm)');
  expect(html.match(/<circle/g)).toHaveLength(3);
  expect(html).toContain('<td class="number">1,234</td>');
});

it('the JSON of an experiment holds recipes, results, table and what to mind', () => {
  const read = JSON.parse(experimentJson(experiment, results)) as Record<string, unknown>;
  expect(read['table']).toHaveLength(3);
  expect(read['results']).toHaveLength(9);
  expect(read['recipes']).toHaveLength(3);
  expect(read['mind']).toContainEqual(expect.stringContaining('No validation split'));
});

it.each(presets)('text of the preset $id has the size that is asked for', ({ look }) => {
  const layout = layoutOf({ ...firstLook, ...look });
  // Axes have 11 CSS px on the page; a point is 4/3 CSS px.
  expect(11 * layout.zoom).toBeCloseTo((look.fontSize * 4) / 3);
  expect(lengthText(layout.width, layout, look.unit)).toBe(look.unit === 'mm' ? `${look.width}mm` : '1920');
});

it('a column of 85 mm at 300 pixels per inch is 1004 pixels wide', () => {
  const look = { ...firstLook, ...presets[0]!.look };
  const layout = layoutOf(look);
  expect(rasterOf({ width: layout.width, height: layout.width }, layout, look).width).toBe(1004);
});

it('the density stands in a PNG with a right checksum', () => {
  // Signature and header of a picture of one pixel; of the rest only that it follows matters.
  const png = Uint8Array.from({ length: 40 }, (_, place) => place);
  const dense = withDensity(png, 300);
  expect([...dense.subarray(0, 33)]).toEqual([...png.subarray(0, 33)]);
  expect([...dense.subarray(54)]).toEqual([...png.subarray(33)]);
  const view = new DataView(dense.buffer);
  expect(new TextDecoder().decode(dense.subarray(37, 41))).toBe('pHYs');
  expect([view.getUint32(41), view.getUint32(45), dense[49]]).toEqual([11811, 11811, 1]);
  // Computed with zlib.crc32 of Python.
  expect(view.getUint32(50)).toBe(0x78a53f76);
});
