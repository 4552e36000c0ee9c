/** Golden cases from a folder, in Node on the cpu backend. */
import '@tensorflow/tfjs-backend-cpu';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tf } from '../../src/engine/tf';
import { runGolden } from './runner';
import { units } from './units';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs every JSON file of a folder and its subfolders (or one file), prints each failure and a closing count.
 * Weights of a network case are expected beside it under the same name.
 */
export async function runGoldenFolder(dir: string): Promise<{ passed: number; failed: number }> {
  // Silences the advice to install TensorFlow's native library.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  let passed = 0;
  let failed = 0;
  for (const path of await jsonFiles(dir)) {
    const name = relative(dir, path) || path;
    const failures = await runFile(path);
    if (failures.length === 0) {
      passed++;
      continue;
    }
    failed++;
    console.log(`FAILED ${name}`);
    for (const failure of failures) console.log(`  ${failure}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return { passed, failed };
}

/** Runs one golden file and answers what is wrong with it. */
export async function runFile(path: string): Promise<string[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    return [`cannot be read: ${String(error)}`];
  }
  return runGolden(json, units, () => readFile(path.replace(/\.json$/, '.safetensors')));
}

/** All golden files: those of the hints, in their folders, and those of everything else. */
export async function goldenFiles(): Promise<string[]> {
  const hints = join(root, 'src/distill/hints');
  const folders = (await readdir(hints, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && existsSync(join(hints, entry.name, 'golden')))
    .map((entry) => join(hints, entry.name, 'golden'));
  return (await Promise.all([join(root, 'tests/golden/data'), ...folders].map(jsonFiles))).flat().sort();
}

/** The name of a golden file in lists of tests: folder of its subject and name, as in "dkd/underflow.json". */
export function goldenName(path: string): string {
  return relative(root, path)
    .replace(/^src\/distill\/hints\/|^tests\/golden\/data\//, '')
    .replace('/golden/', '/');
}

/** All JSON files under a folder, sorted; a file stands for itself. */
export async function jsonFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
