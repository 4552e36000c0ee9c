import { beforeAll, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { readSafetensors, readSafetensorsMetadata } from '../../../src/nn/safetensors';
import { membersFromMetadata } from '../../../src/nn/weights-about';
import type { Learner } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { weightsOfCheckpoint } from '../../../src/training/write-weights';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

const base = {
  hints: [
    { id: 'kd', weight: 1 },
    { id: 'fitnet', weight: 1 },
  ],
  objective: { hardAnswers: true },
};

/** A run held after its second step of the student. */
async function held(changes: object): Promise<{ run: Run; state: Checkpoint }> {
  const run = new Run(tinyRecipe({ ...base, ...changes }), tinyDataset(), { fetchAsset: noAssets });
  for await (const events of run.ticks()) {
    const failed = events.find((event) => event.type === 'failed');
    if (failed) throw new Error(failed.message);
    await run.flush();
    const state = await run.checkpoint();
    if (state.students?.stepsDone === 2) return { run, state };
  }
  throw new Error('The run was over before its second step.');
}

it('weights out of a saved state are those that the run had then, of everybody', async () => {
  const { run, state } = await held({});
  const before = tf.memory().numTensors;
  for (const learner of ['student', 'control', 'hard', 'teacher'] satisfies Learner[]) {
    const bytes = await weightsOfCheckpoint(state, tinyDataset(), learner, { fetchAsset: noAssets });
    expect(bytes, learner).toEqual(await run.weights(learner));
    expect(bytes!.length, learner).toBeGreaterThan(1000);
  }
  expect(tf.memory().numTensors).toBe(before);
  run.dispose();
});

it('a state has no weights of who is not in it', async () => {
  const { run, state } = await held({ objective: { hardAnswers: false, control: false } });
  run.dispose();
  for (const learner of ['control', 'hard'] satisfies Learner[])
    expect(await weightsOfCheckpoint(state, tinyDataset(), learner, { fetchAsset: noAssets })).toBeNull();
  expect(
    await weightsOfCheckpoint({ ...state, students: null }, tinyDataset(), 'student', {
      fetchAsset: noAssets,
    }),
  ).toBeNull();
});

it('every network of an ensemble leaves, each under its place', async () => {
  const teacher = {
    kind: 'ensemble',
    knobs: { network: 'cnn-4-8', others: 'mlp-8', members: 2, epochs: 1, batch: 20 },
  };
  const { run, state } = await held({ teacher, hints: [{ id: 'kd', weight: 1 }] });
  const bytes = (await run.weights('teacher'))!;
  expect(await weightsOfCheckpoint(state, tinyDataset(), 'teacher', { fetchAsset: noAssets })).toEqual(bytes);
  run.dispose();
  const metadata = readSafetensorsMetadata(bytes);
  const members = membersFromMetadata(metadata)!;
  expect(members).toHaveLength(2);
  expect(metadata['network']).toBe(members.join(' + '));
  const names = readSafetensors(bytes).map(({ name }) => name);
  state.teacher!.networks.forEach((weights, i) => {
    const own = names.filter((name) => name.startsWith(`members.${i}.`));
    expect(own.toSorted()).toEqual(weights.map(({ name }) => `members.${i}.${name}`).toSorted());
  });
});
