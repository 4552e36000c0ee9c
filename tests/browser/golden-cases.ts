/** Golden cases in the browser, from files that Vite serves. */
import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../src/engine/backends';
import { tf } from '../../src/engine/tf';
import { withValidation } from '../../src/engine/webgpu';
import { runGolden } from '../golden/runner';
import { units } from '../golden/units';

const cases = import.meta.glob<unknown>('../golden/data/**/*.json', { import: 'default' });
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

/** A test per golden file, on one backend. */
export function goldenCases(backend: 'wasm' | 'webgpu'): void {
  beforeAll(() => chooseBackend(backend));

  test.each(Object.keys(cases))('%s', async (path) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    const work = () => failuresOf(path);
    expect(await (backend === 'webgpu' ? withValidation(work) : work())).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
