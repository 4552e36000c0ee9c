import '@tensorflow/tfjs-backend-cpu';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../src/engine/tf';
import { useWasm } from '../support/wasm-in-node';
import { jsonFiles, runFile } from './cli';

const folder = fileURLToPath(new URL('data', import.meta.url));
const files = await jsonFiles(folder);

const backends = { cpu: () => tf.setBackend('cpu'), wasm: useWasm };

describe.each(Object.entries(backends))('golden cases on %s', (backend, start) => {
  beforeAll(start);

  test.each(files.map((path) => [path.slice(folder.length + 1), path]))('%s', async (_, path) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    expect(await runFile(path)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
