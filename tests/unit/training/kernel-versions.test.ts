import { expect, test } from 'vitest';
import { kernelVersions } from '../../../src/engine/backend-names';
import { kernelsChanged } from '../../../src/training/backend-move';

test('a run saved before its backend got other kernels is told so when it goes on, and no other', () => {
  const [warning, ...others] = kernelsChanged('wasm', undefined, 41);
  expect(warning).toMatchObject({ type: 'warning', step: 41 });
  expect(JSON.stringify(warning)).toContain('step 41 its last digits differ');
  expect(others).toEqual([]);
  expect(kernelsChanged('wasm', kernelVersions.wasm, 41)).toEqual([]);
  // Where the kernels are the first there were, a checkpoint without a version is of the same.
  expect(kernelsChanged('cpu', undefined, 41)).toEqual([]);
});
