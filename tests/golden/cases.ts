import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../src/engine/tf';
import { useWasm } from '../support/wasm-in-node';
import { goldenFiles, goldenName, runFile } from './cli';

const files = new Map((await goldenFiles()).map((path) => [goldenName(path), path]));

const backends = { cpu: () => tf.setBackend('cpu'), wasm: useWasm };

/** Plain JavaScript needs up to half a minute for each of these, which hold no op that the smaller networks lack. */
export const slowOnCpu = (name: string) => /^networks.(Shuffle|[rR]es[nN]et|wrn|VGG|MobileNetV2)/.test(name);
/** Ten million weights and more take seconds on wasm, too. */
export const slowOnWasm = (name: string) => /^networks.(ResNet|VGG)/.test(name);

/** A test per golden file whose name is chosen, on one backend; call it inside a `describe`. */
export function goldenCases(backend: keyof typeof backends, chosen: (name: string) => boolean): void {
  beforeAll(backends[backend]);

  test.each([...files.keys()].filter(chosen))('%s', async (name) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    expect(await runFile(files.get(name)!)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
