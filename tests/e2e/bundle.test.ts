import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstPaintScripts } from '../../scripts/bundle.mjs';
import { dist } from '../../scripts/prepare.mjs';

/** A kernel's registered name: it survives minification and stands in every bundle that holds TensorFlow.js. */
const tensorflowMark = 'Conv2DBackpropFilter';

test('the page paints after at most 250 kB of compressed script', () => {
  const total = firstPaintScripts('index.html').reduce((sum, { gzip }) => sum + gzip, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThanOrEqual(250_000);
});

test('TensorFlow.js is in the build, but in no script that a page loads by itself', () => {
  const assets = join(dist, 'assets');
  const holders = readdirSync(assets).filter(
    (file) => file.endsWith('.js') && readFileSync(join(assets, file), 'utf8').includes(tensorflowMark),
  );
  expect(holders).not.toEqual([]);
  for (const page of ['index.html', 'headless.html'])
    for (const { file, text } of firstPaintScripts(page))
      expect(text.includes(tensorflowMark), `${page} loads ${file}`).toBe(false);
});
