import '@tensorflow/tfjs-backend-cpu';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../src/engine/tf';
import { jsonFiles, runFile } from './cli';

const folder = fileURLToPath(new URL('data', import.meta.url));
const files = await jsonFiles(folder);

beforeAll(() => tf.setBackend('cpu'));

test.each(files.map((path) => [path.slice(folder.length + 1), path]))('%s', async (_, path) => {
  const before = tf.memory().numTensors;
  expect(await runFile(path)).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});
