/** A run whose device is lost, of what compiles fast. */
import type { BackendChoice } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import type { Phase, RunEvent } from '../../../src/training/events';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';
import { lose } from './lost-devices';

/** Few kernels, because each device compiles its own: for what does not depend on what is trained. */
export const light = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
  student: { network: 'mlp-8' },
  hints: [{ id: 'kd', weight: 1, knobs: { temperature: 2 } }],
  schedule: { steps: 8, batch: 12, evaluateEvery: 4, optimiser: 'sgd' },
  objective: { control: false },
});

/** A run whose device is lost after the first step of a phase. */
export async function trainedWithLoss(
  phase: Phase,
  renewBackend: () => Promise<BackendChoice>,
): Promise<RunEvent[]> {
  const backend = await chooseBackend('webgpu');
  let isLost = false;
  const onTick = (_: unknown, tick: RunEvent[]) => {
    if (isLost || !ofType(tick, 'step').some((step) => step.phase === phase)) return;
    isLost = true;
    lose();
  };
  const { run, events } = await train(light, tinyDataset(), onTick, {
    fetchAsset: noAssets,
    backend,
    renewBackend,
  });
  run.dispose();
  return events;
}
