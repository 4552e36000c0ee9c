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

/** What other cases of the same folder compute by the same ops, on other shapes. */
const otherShapes = [
  'ab/identity-connectors',
  'at/three-stage-pool',
  'fsp/four',
  'ft/attention-form',
  'ft/paraphraser',
  'hkd/bilevel-linear-a',
  'mlld/as-coded-a',
  'mlld/other-temperatures',
  'networks/elu2-6-12',
  'nst/three-stage-pool',
  'ofd/three',
  'review/abf-top-b',
  'review/hcl-4stage-a',
  'review/hcl-uneven-b',
  'review/review-loss-a',
  'semckd/two-by-three',
];

/** On WebGPU shaders are compiled for every shape: large networks and further shapes are a long test there. */
export const isLongOnWebgpu = (path: string) =>
  /networks.(?!elu)/.test(path) ||
  otherShapes.some((name) => path.replace('/golden/', '/').endsWith(`/${name}.json`));

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
