import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import '../../../src/engine/cpu-backend';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { Run } from '../../../src/training/run';
import { runFacts } from '../../../src/training/run-factories';
import { noAssets, ofType, tinyDataset, tinyRecipe } from './tiny';

beforeAll(async () => void (await tf.setBackend('cpu')));

test('maps in half precision are refused where the backend knows none, before the start and where a run goes on', async () => {
  const single = tinyRecipe({ teacher: { kind: 'none' }, hints: [], schedule: { steps: 2, batch: 8 } });
  const half = { ...single, schedule: { ...single.schedule, maps: 'half' as const } };
  const message =
    '“Maps kept for gradients” is set to half precision. Plain JavaScript computes in single precision only; maps in half precision need WebGPU. Choose “Single precision” or another device.';
  const sources = { fetchAsset: noAssets };
  await expect(runFacts(half, tinyDataset(8), sources)).rejects.toMatchObject({
    message,
    knob: 'schedule.maps',
  });

  const begun = new Run(single, tinyDataset(8), sources);
  let saved: Checkpoint | null = null;
  for await (const tick of begun.ticks()) {
    if (ofType(tick, 'step').length === 0) continue;
    await begun.flush();
    saved = { ...(await begun.checkpoint()), recipe: half };
    break;
  }
  begun.dispose();
  const events = [];
  const continued = new Run(half, tinyDataset(8), sources, saved);
  for await (const tick of continued.ticks()) events.push(...tick);
  continued.dispose();
  expect(ofType(events, 'failed')).toMatchObject([{ message, knob: 'schedule.maps' }]);
});
