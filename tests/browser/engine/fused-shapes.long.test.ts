/** The kernels of layers, value and gradients, on more shapes than `fused.test.ts` tries. */
import { test } from 'vitest';
import { others } from './random-layers';
import { comparedWithCpu } from './table-case';

const compare = comparedWithCpu(others);

test.each(others.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  await compare(one);
});
