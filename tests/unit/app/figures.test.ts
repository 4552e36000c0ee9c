/** Every figure of a run can be saved: whatever draws stands in a panel, and every panel saves what it holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const app = resolve(import.meta.dirname, '../../../src/app');
const folders = ['instruments', 'instruments/plot', 'method-views', 'experiment-figures'];
const files = new Map(
  folders.flatMap((folder) =>
    readdirSync(join(app, folder))
      .filter((name) => name.endsWith('.tsx'))
      .map((name): [string, string] => [join(folder, name), readFileSync(join(app, folder, name), 'utf8')]),
  ),
);
const draws = (text: string) => /<(svg|canvas|table|Plot|Lines|Pixels)\b/.test(text);
const isPanel = (text: string) => /<Panel\b/.test(text);

/** Files that are reached from one without a panel between. */
function reachedOutsidePanels(from: string, seen = new Set<string>()): Set<string> {
  const text = files.get(from);
  if (text === undefined || seen.has(from) || isPanel(text)) return seen;
  seen.add(from);
  for (const [, name] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g))
    reachedOutsidePanels(join(from, '..', `${name}.tsx`), seen);
  return seen;
}

it('no instrument and no method view draws outside of a panel', () => {
  const reached = [...reachedOutsidePanels('instruments/Instruments.tsx')];
  expect(reached).toContain('method-views/MethodViews.tsx');
  expect(reached.filter((file) => draws(files.get(file)!))).toEqual([]);
});

it('every panel saves what it holds', () => {
  const panel = files.get('instruments/Panel.tsx')!;
  expect(panel).toMatch(/saving\.button/);
  expect(panel).toMatch(/saving\.figure/);
  // Only the places of figures that are yet to come do without.
  const without = [...files].filter(([, text]) => /<Panel\b[^>]*\sempty\b/.test(text)).map(([name]) => name);
  expect(without).toEqual(['instruments/EmptyInstruments.tsx']);
});
