import { expect, test } from 'vitest';
import { lineChart, ticks } from '../../../src/export/report/line-chart';
import { reportHtml, type ReportInput } from '../../../src/export/report/report';

const input: ReportInput = {
  title: 'A <b>bold</b> "run" & more',
  subtitle: 'Run 1',
  verdict: { headline: 'Distillation gained <script>', reasons: ['One.', 'Two.'] },
  readouts: [{ label: 'Student', value: '95.6 %', colour: 'var(--student)' }],
  charts: [
    {
      title: 'Accuracy',
      format: (value) => value.toFixed(1),
      marks: [{ step: 5, label: 'Weight: 1 → 2' }],
      lines: [
        {
          label: 'Student <i>',
          colour: 'var(--student)',
          points: [
            { step: 0, value: 0.1 },
            { step: 5, value: Number.NaN },
            { step: 10, value: 0.9 },
          ],
        },
      ],
    },
    { title: 'Nothing here', format: String, lines: [] },
  ],
  tables: [
    { title: 'Facts', head: [], rows: [['Teacher', 'none & nobody']] },
    { title: 'Empty', head: ['a', 'b', 'c'], rows: [] },
  ],
  images: {
    title: 'Tracked samples',
    note: 'At step 10.',
    entries: [{ picture: 'data:image/png;base64,AAAA', words: ['“7”', 'labelled <1>'], right: false }],
  },
  recipe: '{ "title": "</pre><script>" }',
  link: 'https://example.org/#recipe="x"',
  sources: ['Somebody’s images.'],
};

const html = reportHtml(input);

test('a report runs no script and fetches nothing', () => {
  expect(html).not.toMatch(/<script/i);
  expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses).toEqual(['data:image/png;base64,AAAA', 'https://example.org/#recipe=&quot;x&quot;']);
  expect(html).not.toContain('url(');
});

test('what a person has written stands there as text', () => {
  expect(html).toContain('<title>A &lt;b&gt;bold&lt;/b&gt; &quot;run&quot; &amp; more</title>');
  expect(html).toContain('&lt;/pre&gt;&lt;script&gt;');
  expect(html).toContain('Student &lt;i&gt;');
  expect(html).toContain('labelled &lt;1&gt;');
});

test('what there is nothing of is left out', () => {
  expect(html).not.toContain('Nothing here');
  expect(html).not.toContain('Empty');
  expect(reportHtml({ ...input, verdict: null, images: null, sources: [] })).not.toContain('Tracked samples');
});

test('a missing value parts a line, and the last one that is there is named', () => {
  const chart = lineChart(input.charts[0]!.lines, input.charts[0]!);
  const paths = [...chart.matchAll(/<path d="(M[^"]*)" style/g)].map(([, path]) => path!);
  expect(paths[0]!.match(/M/g)).toHaveLength(2);
  expect(chart).toContain('<b>0.9</b>');
  expect(chart).toContain('<title>Weight: 1 → 2</title>');
});

test('a long run is drawn with as many points as can be seen', () => {
  const points = Array.from({ length: 50_000 }, (_, step) => ({ step, value: Math.sin(step / 900) }));
  const chart = lineChart([{ label: 'x', colour: 'red', points }], { title: 'x', format: String });
  expect(chart.length).toBeLessThan(20_000);
  expect(chart).toContain(`<b>${Math.sin(49_999 / 900)}</b>`);
});

test.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.62, 0.91, [0.6, 0.7, 0.8, 0.9, 1]],
  [-3, 12, [-5, 0, 5, 10, 15]],
  [5, 5, [5, 6]],
  [0, 0, [0, 0.2]],
])('ticks from %d to %d are round and hold both', (low, high, expected) => {
  expect(ticks(low, high, 5)).toEqual(expected);
});

test('defines every colour that it uses, for light and dark', () => {
  const html = reportHtml(input);
  const used = new Set([...html.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name!));
  expect(used.size).toBeGreaterThan(5);
  for (const name of used) expect(html).toContain(`${name}: light-dark(#`);
});
