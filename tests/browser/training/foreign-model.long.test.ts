/** What `foreign-model.test.ts` has on WebAssembly, once more on WebGPU: long, because each shape is compiled. */
import { test } from 'vitest';
import { expectSameAnswers } from './graph-models';

test.each(['resnet8', 'ShuffleV2'])('a graph model of %s answers on webgpu as its network', (network) =>
  expectSameAnswers(network, 'webgpu'),
);
