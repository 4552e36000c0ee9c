import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { hintLists } from '../../../scripts/hint-lists.mjs';

const hints = fileURLToPath(new URL('../../../src/distill/hints', import.meta.url));

const copies: string[] = [];
afterEach(() => copies.splice(0).forEach((copy) => rmSync(copy, { recursive: true })));
function copy(): string {
  const place = mkdtempSync(join(tmpdir(), 'hints-'));
  copies.push(place);
  cpSync(hints, place, { recursive: true });
  return place;
}

it.each(Object.entries(hintLists()))(
  'hints/%s is what the folders say (renew with `npm run lists`)',
  (name, text) => {
    expect(readFileSync(join(hints, name), 'utf8')).toBe(text);
  },
);

it('says which hint is not named, or named without a folder', () => {
  const place = copy();
  mkdirSync(join(place, 'new-one'));
  expect(() => hintLists(place)).toThrow('order.json does not name the hint “new-one”');
  rmSync(join(place, 'new-one'), { recursive: true });
  rmSync(join(place, 'kd'), { recursive: true });
  expect(() => hintLists(place)).toThrow('order.json names “kd”');
});

it('says what the folder of a hint lacks', () => {
  const place = copy();
  writeFileSync(join(place, 'kd/loss.ts'), '');
  expect(() => hintLists(place)).toThrow('kd/loss.ts must export “createKd”.');
  rmSync(join(place, 'kd/about.ts'));
  expect(() => hintLists(place)).toThrow('The hint “kd” lacks about.ts.');
});
