/** Models of TensorFlow.js that were made elsewhere, as people bring them, on the wasm backend of a browser. */
import { afterAll, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { expectSameAnswers } from './graph-models';
import { expectSameAccuracy } from './keras-models';

afterAll(() => chooseBackend('cpu'));

test('a Keras model in shards and a quantised one are measured', () => expectSameAccuracy('wasm'));

// On WebGPU, which compiles their many shapes: `foreign-model.long.test.ts`.
test.each(['resnet8', 'ShuffleV2', 'elu2-4-8'])('a graph model of %s answers as its network', (network) =>
  expectSameAnswers(network, 'wasm'),
);
