import { test } from 'vitest';
import { expectSameAnswers } from './graph-models';

test('a graph model of resnet8 answers on webgpu as its network', () =>
  expectSameAnswers('resnet8', 'webgpu'));
