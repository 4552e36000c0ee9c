/** What `foreign-model.test.ts` has on WebAssembly, once more on WebGPU: long, because each shape is compiled. */
import { afterAll, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { expectSameAnswers } from './graph-models';
import { expectSameAccuracy } from './keras-models';

afterAll(() => chooseBackend('cpu'));

test('a Keras model in shards and a quantised one are measured', () => expectSameAccuracy('webgpu'));

test.each(['resnet8', 'ShuffleV2', 'elu2-4-8'])('a graph model of %s answers as its network', (network) =>
  expectSameAnswers(network, 'webgpu'),
);
