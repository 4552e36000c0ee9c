/** Golden cases in the browser, from files that Vite serves. */
import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../src/engine/backends';
import { tf } from '../../src/engine/tf';
import { withValidation } from '../../src/engine/webgpu';
import { runGolden } from '../golden/runner';
import { units } from '../golden/units';

const cases = import.meta.glob<unknown>(
  ['../golden/data/**/*.json', '../../src/distill/hints/*/golden/*.json'],
  { import: 'default' },
);
const weights = import.meta.glob<string>('../golden/data/**/*.safetensors', {
  query: '?url',
  import: 'default',
});

async function failuresOf(path: string): Promise<string[]> {
  const json = await cases[path]!();
  return runGolden(json, units, async () => {
    const url = await weights[path.replace(/\.json$/, '.safetensors')]!();
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  });
}

/** Folder and name of a case. */
function nameOf(path: string): [folder: string, name: string] {
  const [folder, name] = path.replace('/golden/', '/').split('/').slice(-2) as [string, string];
  return [folder, name.replace(/\.json$/, '')];
}

/** The case of a folder in which a part or a large case comes first by name; null where others are enough. */
const instead: Readonly<Record<string, string | null>> = {
  // A run on WebGPU is held against the cpu backend with these losses (`classical-hints.long.test.ts`).
  crd: null,
  semckd: null,
  // Steps of such networks are compared op by op (`engine/capture-networks.long.test.ts`).
  networks: null,
  // Many shapes of ops that `engine/coverage.test.ts` and cheaper losses have.
  ab: null,
  'cgan-kd': null,
  dfa: null,
  ffsd: null,
  fsp: null,
  holistic: null,
  mismatched: null,
  mlld: null,
  nst: null,
  mgd: 'self-analyzing-loss-a',
  review: 'abf-top-b',
  // At the limits.
  rkd: null,
};

for (const [folder, name] of Object.entries(instead))
  if (!Object.keys(cases).some((path) => nameOf(path).join() === `${folder},${name}`) && name !== null)
    throw new Error(`There is no golden case ${folder}/${name}.`);

/** Names of cases at the limits of numbers, where a device may differ from a processor. */
const atLimits = /zero|underflow|(nearly|equal)-(equal|rows)|close-together|far-from/;

/** Each folder's first case by name. */
const first = new Map<string, string | null>();
for (const path of Object.keys(cases)) {
  const [folder, name] = nameOf(path);
  const known = first.get(folder);
  if (!known || name.localeCompare(known, 'en', { numeric: true }) < 0) first.set(folder, name);
}

/** Folders of which `npm test` tries a case: of those whose names are not in `instead`, every second one. */
const tried = new Set(
  [...first.keys()]
    .filter((folder) => !(folder in instead))
    .sort()
    .filter((_, place) => place % 2 === 0),
);

/**
 * Shaders are compiled for every shape, which takes nearly all of the time. `npm test` tries a case of some folders
 * and all at the limits of numbers; the ops that losses are made of are tried in `engine/coverage.test.ts`,
 * our own kernels in `engine`, and every case on cpu and wasm in Node. The others are a long test on WebGPU.
 */
export function isLongOnWebgpu(path: string): boolean {
  const [folder, name] = nameOf(path);
  const chosen = folder in instead ? instead[folder] : tried.has(folder) ? first.get(folder) : null;
  return name !== chosen && !atLimits.test(name);
}

/** A test per golden file whose path is chosen, on one backend. */
export function goldenCases(backend: 'wasm' | 'webgpu', chosen: (path: string) => boolean): void {
  beforeAll(() => chooseBackend(backend));

  test.each(Object.keys(cases).filter(chosen))('%s', async (path) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    const work = () => failuresOf(path);
    expect(await (backend === 'webgpu' ? withValidation(work) : work())).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
