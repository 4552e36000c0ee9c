/** What is measured beside the scores of a run, and that measuring changes nothing. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { Run } from '../../../src/training/run';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);
const runs: Run[] = [];
afterEach(() => {
  runs.splice(0).forEach((run) => run.dispose());
});

const hints = [
  { id: 'kd', weight: 0.9, knobs: { temperature: 2 } },
  { id: 'fitnet', weight: 1, knobs: { hintLayer: 2 } },
  { id: 'crd', weight: 0.1 },
];
const schedule = { steps: 6, batch: 12, evaluateEvery: 3 };

async function trained(changes: Record<string, unknown>, measuresLatency = false) {
  const { run, events } = await train(tinyRecipe(changes), tinyDataset(), undefined, {
    fetchAsset: noAssets,
    backend: { name: 'wasm', device: 'Node' },
    measuresLatency,
  });
  runs.push(run);
  expect(ofType(events, 'failed')).toEqual([]);
  return { run, events, weights: await run.weights('student') };
}

test('measured gradients and latencies leave weights, numbers and memory as they are', async () => {
  const before = tf.memory().numTensors;
  const plain = await trained({ hints, schedule });
  runs.splice(0).forEach((run) => run.dispose());
  const measured = await trained({ hints, schedule: { ...schedule, measureGradients: true } }, true);
  expect(measured.weights).toEqual(plain.weights);
  expect(numbersOf(measured.events).steps).toEqual(numbersOf(plain.events).steps);

  const evaluations = ofType(measured.events, 'evaluation').filter(({ phase }) => phase === 'student');
  expect(evaluations.map(({ step }) => step)).toEqual([0, 3, 6]);
  for (const { gradients } of evaluations) {
    expect(Object.keys(gradients!.norms)).toEqual(['ce', 'kd', 'fitnet', 'crd']);
    expect(Object.keys(gradients!.cosines)).toEqual(['kd', 'fitnet', 'crd']);
    for (const norm of Object.values(gradients!.norms)) expect(norm).toBeGreaterThan(0);
    for (const cosine of Object.values(gradients!.cosines)) expect(Math.abs(cosine)).toBeLessThan(1);
  }
  expect(ofType(plain.events, 'evaluation').every(({ gradients }) => gradients === undefined)).toBe(true);

  // How much is measured at the end depends on how busy the machine is; when asked, all of it is.
  expect(ofType(measured.events, 'latency')).toHaveLength(1);
  const latencies = await measured.run.latencies(4, Infinity);
  expect(Object.keys(latencies!.networks)).toEqual(['student', 'teacher']);
  for (const { one, batch } of Object.values(latencies!.networks)) {
    expect(one).toBeGreaterThan(0);
    expect(batch).toBeGreaterThan(0);
  }
  expect(ofType(plain.events, 'latency')).toEqual([]);
  runs.splice(0).forEach((run) => run.dispose());
  expect(tf.memory().numTensors).toBe(before);
});

test('the gradient of soft targets that are the labels points where that of the labels does', async () => {
  // Label smoothing by 0 is the cross-entropy itself.
  const { events } = await trained({
    teacher: { kind: 'none' },
    hints: [{ id: 'ls', weight: 0.5, knobs: { smoothing: 0 } }],
    objective: { ceWeight: 2 },
    schedule: { ...schedule, steps: 1, measureGradients: true },
  });
  for (const { gradients } of ofType(events, 'evaluation')) {
    expect(gradients!.cosines['ls']).toBeCloseTo(1, 5);
    expect(gradients!.norms['ce']! / gradients!.norms['ls']!).toBeCloseTo(4, 4);
  }
});

test('a run says at its end how far its networks are from its teacher, and what they put out', async () => {
  const { run, events } = await trained({ hints: hints.slice(0, 1), schedule });
  const [finished] = ofType(events, 'finished');
  expect(Object.keys(finished!.further!)).toEqual(['nll', 'ece', 'classMean', 'agreement', 'kl']);
  expect(Object.keys(finished!.further!['kl']!)).toEqual(['student', 'control']);
  expect(Object.keys(finished!.reliability!)).toEqual(['student', 'control', 'teacher']);
  expect(finished!.constant).toBe(0.25);
  const last = ofType(events, 'evaluation').at(-1)!;
  expect(last.further).toEqual(finished!.further);
  const [{ seconds } = { seconds: null }] = ofType(events, 'times');
  expect(seconds!.teacher + seconds!.student).toBeLessThanOrEqual(finished!.seconds);
  const [{ snapshot } = { snapshot: null }] = ofType(events, 'instances').slice(-1);
  expect(snapshot!.fidelity!['kl']).toHaveLength(snapshot!.losses['ce']!.length);

  const { byLearner, targets, outputs } = (await run.testPredictions())!;
  const student = byLearner.student!;
  const right = [...targets].filter((label, row) => {
    const own = student.subarray(row * outputs, (row + 1) * outputs);
    return own.indexOf(Math.max(...own)) === label;
  });
  expect(right.length / targets.length).toBe(finished!.final.student);
});
