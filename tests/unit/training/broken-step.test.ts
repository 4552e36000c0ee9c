import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TapedPass } from '../../../src/engine/taped-pass';
import { tf } from '../../../src/engine/tf';
import { WasmPlan } from '../../../src/engine/wasm/plan/plan';
import { DrivenOptimiser } from '../../../src/nn/driven-optimiser';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import { StudentPass } from '../../../src/training/student-pass';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);
afterEach(() => vi.restoreAllMocks());

const fault = () => {
  throw new Error('A fault on purpose');
};

/** Where in a step of the student it comes, as a person's machine that has no memory left might have it. */
const faults: Record<string, () => void> = {
  'in the forward pass': () => {
    const run = Reflect.get(StudentPass.prototype, 'run');
    vi.spyOn(StudentPass.prototype, 'run').mockImplementation(function (this: StudentPass, ...order) {
      run.apply(this, order);
      return fault();
    });
  },
  'in the gradients': () => void vi.spyOn(TapedPass.prototype, 'gradientsOf').mockImplementation(fault),
  'in the update': () => void vi.spyOn(DrivenOptimiser.prototype, 'apply').mockImplementation(fault),
  'in the replay of a recorded one': () =>
    void vi.spyOn(WasmPlan.prototype, 'replay').mockImplementation(fault),
};

describe('a step of the student that breaks off', () => {
  for (const [where, cause] of Object.entries(faults))
    it(`${where}: the run says so and leaves no tensor behind`, async () => {
      const recipe = tinyRecipe({
        hints: [
          { id: 'kd', weight: 1 },
          { id: 'fitnet', weight: 1 },
        ],
        weighting: { id: 'hint-dynamic', knobs: { metaInterval: 1, metaWarmup: 0, metaBatch: 8 } },
      });
      const before = tf.memory().numTensors;
      // A recorded step runs none of the code that the others break.
      const records = where === 'in the replay of a recorded one';
      const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets, records });
      const events: RunEvent[] = [];
      for await (const tick of run.ticks()) {
        events.push(...tick);
        if (tick.some((event) => event.type === 'step' && event.phase === 'student')) cause();
      }
      run.dispose();
      expect(ofType(events, 'failed')).toMatchObject([{ phase: 'student' }]);
      expect(tf.memory().numTensors).toBe(before);
    });
});
