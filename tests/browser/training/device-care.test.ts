/** A device that goes away, has no memory left, or refuses a computation; one lost in each phase is a long test. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import type { Run } from '../../../src/training/run';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

const device = () => (tf.backend() as tf.KernelBackend & { device: GPUDevice }).device;
const help = { fetchAsset: noAssets, renewBackend: () => chooseBackend('webgpu') };

/** A teacher trained here and a student; few kernels, because each device compiles its own. */
const recipe = tinyRecipe({
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 2, batch: 20 } },
  student: { network: 'mlp-8' },
  hints: [{ id: 'kd', weight: 1, knobs: { temperature: 2 } }],
  schedule: { steps: 8, batch: 12, evaluateEvery: 8, optimiser: 'sgd' },
  objective: { control: false },
});

beforeEach(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});
afterEach(() => vi.restoreAllMocks());

it('a device without memory for a step ends the run with a sentence and a knob', async () => {
  // No test can rely on filling a device’s memory; what it says then is the same.
  const real = device();
  const [push, pop] = [real.pushErrorScope.bind(real), real.popErrorScope.bind(real)];
  const scopes: GPUErrorFilter[] = [];
  vi.spyOn(real, 'pushErrorScope').mockImplementation((filter) => {
    scopes.push(filter);
    push(filter);
    return undefined;
  });
  vi.spyOn(real, 'popErrorScope').mockImplementation(async () => {
    const filter = scopes.pop();
    await pop();
    return filter === 'out-of-memory' ? new GPUOutOfMemoryError('no room') : null;
  });
  const before = tf.memory().numTensors;
  const { run, events } = await train(recipe, tinyDataset(), () => undefined, help);
  run.dispose();
  const [failed] = ofType(events, 'failed');
  expect(failed?.message).toMatch(/out of memory .* smaller batch or a smaller network/);
  expect(failed?.knob).toBe('teacher.knobs.batch');
  expect(tf.memory().numTensors).toBe(before);
});

it('a computation that the device refuses ends the run with what the device said', async () => {
  let refused = false;
  const { run, events } = await train(
    recipe,
    tinyDataset(),
    (_, tick) => {
      if (refused || !ofType(tick, 'phase').some(({ phase }) => phase === 'student')) return;
      refused = true;
      vi.spyOn(console, 'error').mockImplementation(() => undefined);
      device().createShaderModule({ code: 'this is no shader' });
    },
    help,
  );
  run.dispose();
  expect(ofType(events, 'failed')[0]?.message).toMatch(/refused a computation/);
  expect(ofType(events, 'finished')).toEqual([]);
});

/**
 * Numbers are read ten times a second, so that what is wrong shows within as many steps as fit into a tenth of one. The
 * clock goes by steps here: 20 ms each.
 */
describe('within a second', () => {
  const stepTime = 20;
  const most = 1000 / stepTime;

  /** Ticks from the first one of the student's step 5, where something happens, until an event of a type. */
  async function ticksUntil(type: RunEvent['type'], happen: (run: Run) => void) {
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    let [step, since, until] = [0, -1, -1];
    let isStudent = false;
    const onTick = (run: Run, tick: RunEvent[]) => {
      now += stepTime;
      isStudent ||= ofType(tick, 'phase').some(({ phase }) => phase === 'student');
      if (isStudent && ++step === 5) {
        since = 0;
        happen(run);
      } else if (since >= 0) since++;
      if (until < 0 && since >= 0 && tick.some((event) => event.type === type)) until = since;
    };
    const long = { schedule: { steps: 200, batch: 12, evaluateEvery: 200, optimiser: 'sgd' } };
    const { run, events } = await train(tinyRecipe({ ...asked, ...long }), tinyDataset(), onTick, help);
    run.dispose();
    return { until, events };
  }
  const asked = {
    teacher: { kind: 'none' },
    student: { network: 'mlp-8' },
    hints: [],
    objective: { control: false },
  };

  it('a loss that is no number any more ends the run', async () => {
    const { until, events } = await ticksUntil('failed', (run) => {
      // Weights of no number stand for what a rate too high makes of them.
      const network = (run as unknown as Insides).students.networkOf('student');
      tf.tidy(() =>
        network.module.trainable.forEach((variable) => variable.assign(tf.fill(variable.shape, 1e30))),
      );
    });
    expect(ofType(events, 'failed')[0]?.message).toMatch(/the loss (is no longer a number|grew too large)/);
    expect(until).toBeGreaterThan(0);
    expect(until).toBeLessThanOrEqual(most);
  });

  it('a lost device is replaced', async () => {
    const { until, events } = await ticksUntil('warning', () => device().destroy());
    expect(ofType(events, 'warning')[0]?.text).toMatch(/device was lost/);
    expect(ofType(events, 'finished')).toHaveLength(1);
    expect(until).toBeGreaterThan(0);
    expect(until).toBeLessThanOrEqual(most);
  });
});

interface Insides {
  students: { networkOf(learner: string): { module: { trainable: Map<string, tf.Variable> } } };
}
