import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { firstPaintScripts } from '../../scripts/bundle.mjs';
import { dist, root } from '../../scripts/prepare.mjs';

/** A kernel's registered name: it survives minification and stands in every bundle that holds TensorFlow.js. */
const tensorflowMark = 'Conv2DBackpropFilter';

test('the page paints after at most 200 kB of compressed script', () => {
  const total = firstPaintScripts('index.html').reduce((sum, { gzip }) => sum + gzip, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThanOrEqual(200_000);
});

test('the service worker fetches at most 8 MB ahead; what is large and not needed at first comes when it is used', () => {
  const script = readFileSync(join(dist, 'service-worker.js'), 'utf8');
  const { files, later } = JSON.parse(/__RETORT_BUILD__ = (\{.*\});/.exec(script)![1]!) as {
    files: string[];
    later: Record<string, string>;
  };
  const sizeOf = (file: string) => statSync(join(dist, file)).size;
  expect(files.reduce((sum, file) => sum + sizeOf(file), 0)).toBeLessThanOrEqual(8_000_000);
  // The script of the training worker, which the first run needs, is the largest.
  const large = files.filter((file) => sizeOf(file) > 1_000_000);
  expect(large.filter((file) => !/^assets\/initial-[^/]+\.js$/.test(file))).toEqual([]);
  for (const [file, hash] of Object.entries(later))
    expect(
      createHash('sha256')
        .update(readFileSync(join(dist, file)))
        .digest('hex'),
    ).toMatch(new RegExp(`^${hash}`));
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

test('no chunk imports an entry of a page or a worker, which some browsers would evaluate twice', () => {
  const assets = join(dist, 'assets');
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'));
  const entries = [...pageEntries(), ...workerNames().map((name) => builtWorker(name, scripts))];
  expect(entries.length).toBeGreaterThan(4);
  const imported = scripts.flatMap((file) =>
    importsOf(readFileSync(join(assets, file), 'utf8')).map((name) => ({ file, name })),
  );
  // The test would say nothing if it did not find the imports.
  for (const name of new Set(imported.map((found) => found.name))) expect(scripts).toContain(name);
  expect(imported.length).toBeGreaterThan(scripts.length);
  expect(imported.filter(({ name }) => entries.includes(name))).toEqual([]);
});

/** Files that a script imports, statically or when it needs them, all of them from its own folder. */
function importsOf(script: string): string[] {
  return [...script.matchAll(/\b(?:from|import)\s*\(?\s*["'`]\.\/([^"'`]+\.js)["'`]/g)].map(
    ([, name]) => name!,
  );
}

/** Scripts of the built pages, and the service worker. */
function pageEntries(): string[] {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8')) as Record<
    string,
    { file: string; isEntry?: boolean }
  >;
  return Object.values(manifest)
    .filter(({ isEntry }) => isEntry)
    .map(({ file }) => file.replace('assets/', ''));
}

/** Workers by the name of their source, such as "training.worker". */
function workerNames(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.worker.ts'))
    .map((path) => basename(path, '.ts'));
}

function builtWorker(name: string, scripts: readonly string[]): string {
  const found = scripts.filter((file) => file.startsWith(`${name}-`));
  expect(found, name).toHaveLength(1);
  return found[0]!;
}
