/** Steps on several threads: the same bits on any number of them, and what happens when a helper fails. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { captureStep } from '../../../src/engine/capture/capture';
import { tf } from '../../../src/engine/tf';
import { chooseBackend } from '../../../src/engine/backends';
import { shareMemory } from '../../../src/engine/wasm';
import { wasmBackend } from '../../../src/engine/wasm/launch';
import { Team } from '../../../src/engine/wasm/threads/team';
import { endTeam, startTeam, teamOf } from '../../../src/engine/wasm/threads/teams';
import { Training, type EngineCase } from '../../bench/engine/training';
import { startsHelpers } from '../../support/threads-in-node';
import { pointToBinary, useOwnWasm, useSharedWasm } from '../../support/wasm-in-node';
import { tinyDataset, tinyRecipe, train } from '../training/tiny';

beforeAll(useSharedWasm);
afterEach(() => {
  endTeam();
  vi.restoreAllMocks();
});
afterAll(useOwnWasm);

const cnn = { student: 'cnn-8-16-32', teacher: null, side: 16, channels: 3, batch: 21 };
const cases: EngineCase[] = [
  { ...cnn, name: 'a CNN on odd batches' },
  { ...cnn, name: 'KD and a feature from a teacher', teacher: 'cnn-16-32-64' },
  { ...cnn, name: 'ResNet-8', student: 'resnet8', side: 8 },
];

/** Losses, then weights after some steps. */
async function trained(one: EngineCase, between = () => undefined as unknown): Promise<Float32Array[]> {
  const training = new Training(one);
  training.prepare();
  const plan = captureStep(training.compute, { inputs: training.inputs });
  const numbers: Float32Array[] = [];
  for (let step = 0; step < 3; step++) {
    training.prepare();
    numbers.push((await plan.replay())!['loss']!);
    await between();
  }
  numbers.push(...(await training.start()).trained.map(({ values }) => Float32Array.from(values)));
  plan.dispose();
  training.dispose();
  return numbers;
}

for (const one of cases)
  test(`${one.name}: one, two and three threads give the same bits`, async () => {
    const { numTensors, numDataBuffers } = tf.memory();
    const alone = await trained(one);
    const jobs = vi.spyOn(Team.prototype, 'run');
    for (const threads of [2, 3]) {
      await startTeam({ threads, start: startsHelpers() });
      expect(await trained(one)).toEqual(alone);
      expect(teamOf(wasmBackend())?.threads).toBe(threads);
    }
    expect(jobs.mock.calls.length).toBeGreaterThan(50);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });

test('a run with hint-dynamic weighting tells the same on two threads', async () => {
  const recipe = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-8-16', epochs: 1, batch: 60 } },
    student: { network: 'cnn-8-16' },
    schedule: { steps: 4, batch: 60, evaluateEvery: 2 },
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'fitnet', weight: 1 },
    ],
    weighting: { id: 'hint-dynamic', knobs: { metaInterval: 2, metaWarmup: 0, metaBatch: 30 } },
  });
  const told = async () => {
    const { run, events } = await train(recipe, tinyDataset(60));
    run.dispose();
    return events.filter(({ type }) => ['step', 'evaluation', 'instances'].includes(type));
  };
  const alone = await told();
  const jobs = vi.spyOn(Team.prototype, 'run');
  await startTeam({ threads: 2, start: startsHelpers() });
  expect(await told()).toEqual(alone);
  expect(alone.length).toBeGreaterThan(6);
  expect(jobs.mock.calls.length).toBeGreaterThan(50);
});

test('helpers end when another backend takes over', async () => {
  const backend = wasmBackend();
  const onClosed = vi.fn<(why: string) => void>();
  const ended: string[] = [];
  const start = startsHelpers();
  await startTeam({
    threads: 3,
    start: async (order, onEnd) => {
      const helper = await start(order, onEnd);
      return { end: () => (ended.push('helper'), helper.end()) };
    },
    onClosed,
  });
  expect((await chooseBackend('cpu')).name).toBe('cpu');
  expect(ended).toHaveLength(2);
  expect(teamOf(backend)).toBeNull();
  expect(onClosed).not.toHaveBeenCalled();
  await tf.setBackend('wasm');
});

test('the binary for shared memory is fetched once', async () => {
  const binary = readFileSync(pointToBinary());
  const fetched = vi.fn<typeof fetch>(async () => new Response(binary));
  vi.stubGlobal('fetch', fetched);
  await shareMemory();
  await shareMemory();
  vi.unstubAllGlobals();
  expect(fetched).toHaveBeenCalledTimes(1);
});

test('a helper that cannot be started leaves one thread, and says why', async () => {
  const start = startsHelpers(`throw new Error('There is no room for a thread.');`);
  await expect(startTeam({ threads: 2, start })).rejects.toThrow('There is no room for a thread.');
  expect(teamOf(wasmBackend())).toBeNull();
});

/** Takes the first part that it sees, and then does nothing. */
const breaksOff = `
import { parentPort, workerData } from 'node:worker_threads';
parentPort.postMessage('ready');
const words = new Int32Array(workerData.memory.buffer, workerData.control, controlBytes / 4);
for (;;) {
  const ticket = Atomics.load(words, word.ticket);
  if ((ticket & 255) >= words[word.parts]) continue;
  if (Atomics.compareExchange(words, word.ticket, ticket, ticket + 1) === ticket) break;
}
Atomics.wait(words, word.done, 1000);`;

const faults: Record<string, string | undefined> = {
  'ends between two steps': undefined,
  'breaks off in the middle of a part': breaksOff,
  'throws in the middle of a part': breaksOff.replace(
    /Atomics.wait.*$/,
    'Atomics.store(words, word.broken, 1); Atomics.notify(words, word.done);',
  ),
};

for (const [fault, code] of Object.entries(faults))
  test(`a helper ${fault}: the step is computed all the same, and one thread goes on`, async () => {
    const alone = await trained(cases[0]!);
    const onClosed = vi.fn<(why: string) => void>();
    const start = startsHelpers(code);
    const started: { end: () => void }[] = [];
    await startTeam({
      threads: 2,
      start: async (...given) => {
        const helper = await start(...given);
        started.push(helper);
        return helper;
      },
      onClosed,
      patience: 30,
    });
    const between = async () => {
      if (code !== undefined) return;
      started[0]!.end();
      await vi.waitFor(() => expect(onClosed).toHaveBeenCalled());
    };
    // On a busy machine the helper may sleep through a whole step, and breaks off in a later one.
    for (let tries = 0; tries < 20 && onClosed.mock.calls.length === 0; tries++)
      expect(await trained(cases[0]!, between)).toEqual(alone);
    expect(onClosed.mock.calls).toHaveLength(1);
    expect(onClosed.mock.calls[0]![0]).toMatch(/^A helper thread .*\.$/);
    expect(teamOf(wasmBackend())).toBeNull();
  });
