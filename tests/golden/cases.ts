import '@tensorflow/tfjs-backend-cpu';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../src/engine/tf';
import { useWasm } from '../support/wasm-in-node';
import { jsonFiles, runFile } from './cli';

const folder = fileURLToPath(new URL('data', import.meta.url));
const names = (await jsonFiles(folder)).map((path) => path.slice(folder.length + 1));

const backends = { cpu: () => tf.setBackend('cpu'), wasm: useWasm };

/** Plain JavaScript needs up to half a minute for each of these, which hold no op that the smaller networks lack. */
export const slowOnCpu = (name: string) => /^networks.(Shuffle|ResNet50|MobileNetV2-18)/.test(name);

/** A test per golden file whose name is chosen, on one backend; call it inside a `describe`. */
export function goldenCases(backend: keyof typeof backends, chosen: (name: string) => boolean): void {
  beforeAll(backends[backend]);

  test.each(names.filter(chosen))('%s', async (name) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    expect(await runFile(`${folder}/${name}`)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
