/**
 * A hidden tab gets its timers late and no frames at all. Training hangs on neither: with clocks that never ring, a run
 * under the worker's pump still comes to its end.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import { RunLoop } from '../../../src/worker/run-loop';
import { noAssets, ofType, tinyDataset, tinyRecipe } from '../../unit/training/tiny';

afterEach(() => vi.unstubAllGlobals());

const recipe = tinyRecipe({
  hints: [{ id: 'kd', weight: 1 }],
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
  student: { network: 'mlp-8' },
});

it.each(['webgpu', 'wasm'] as const)(
  'trains to the end on %s without a timer or a frame',
  async (backend) => {
    expect((await chooseBackend(backend)).name).toBe(backend);
    expect(tf.getBackend()).toBe(backend);
    const asked: string[] = [];
    for (const clock of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback'])
      vi.stubGlobal(clock, () => asked.push(clock));
    const events: RunEvent[] = [];
    await new Promise<void>((resolve) => {
      const pump = new RunLoop('hidden', (message) => {
        if (message.type === 'events') events.push(...message.events);
        if (message.type === 'state' && ['finished', 'failed', 'stopped'].includes(message.state))
          void pump.dispose().then(resolve);
      });
      pump.start({ recipe, dataset: Promise.resolve(tinyDataset()), help: { fetchAsset: noAssets } });
    });
    expect(ofType(events, 'failed')).toEqual([]);
    const steps = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    expect(steps).toHaveLength(recipe.schedule.steps);
    expect(ofType(events, 'finished')).toHaveLength(1);
    expect(asked).toEqual([]);
  },
);
