/**
 * On WebAssembly too, steps of each mechanism can be recorded, and replayed they give bit for bit what they give op by op.
 * (`tests/browser/training/recorded.test.ts` holds WebGPU to it.)
 */
import { beforeAll, expect, it } from 'vitest';
import { captureAvailability } from '../../../src/engine/capture/capture';
import { dataset, groups, otherGroups, recipeOf } from '../../browser/training/recorded-groups';
import { expectSameBits } from '../../browser/training/recorded-runs';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

it('a small step is the same recorded and op by op', async () => {
  expect(await captureAvailability()).toMatchObject({ available: true });
});

const codes = 'codes of granularities';

it.each(Object.entries({ ...groups, [codes]: otherGroups[codes]! }))(
  '%s: the same bits recorded as op by op',
  (_, group) => expectSameBits(recipeOf(group), group.dataset ?? dataset),
);
