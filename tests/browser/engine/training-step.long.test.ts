import { beforeAll, test } from 'vitest';
import { expectSameWeights, startBackends } from './sgd-steps';

beforeAll(startBackends);

test('three steps of resnet8 give the same weights on every backend', () => expectSameWeights('resnet8', 8));
