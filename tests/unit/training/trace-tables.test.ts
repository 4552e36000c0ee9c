import { beforeAll, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { tf } from '../../../src/engine/tf';
import { describeNetwork } from '../../../src/nn/describe';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { planMemory } from '../../../src/training/teacher-memory';
import { TeacherView } from '../../../src/training/teacher-view';
import { FrozenTeacher } from '../../../src/training/teachers/frozen-teacher';
import { TraceTables } from '../../../src/training/trace-tables';

beforeAll(() => tf.setBackend('cpu'));

const [side, classes, batch] = [4, 3, 2];
const description = describeNetwork('mlp-4', [side, side, 1], classes);
if ('problem' in description) throw new Error(description.problem);
const shapes = description.trace;
const column = { values: Uint8Array.from({ length: 6 * side * side }, (_, i) => i), shape: [side, side, 1] };
const otherColumn = { ...column };

/** A run's view of a teacher that it makes for itself, and of which rows of the split it asked. */
function run(tables: TraceTables, pool: number[], { seed = 1, on = column, shown = 'plain' } = {}) {
  const plan = planMemory([{ parts: ['logits'] }], shapes, classes, pool.length, pool.length + 1);
  if (typeof plan === 'string') throw new Error(plan);
  const network = Network.create('mlp-4', [side, side, 1], classes, RandomStream.fork(seed, 'teacher'));
  const kept = { tables, on: { column: on, rows: 6, shown } };
  const view = new TeacherView(new FrozenTeacher(network), 'none', batch, plan, Int32Array.from(pool), kept);
  const asked: number[] = [];
  const imagesOf = (rows: number[]) =>
    tf.tensor4d(
      rows.flatMap((row) => [...on.values.subarray(16 * row, 16 * (row + 1))]),
      [rows.length, side, side, 1],
    );
  const step = async (...places: number[]) => {
    const rows = places.map((place) => pool[place]!);
    const look = () => {
      asked.push(...rows);
      return imagesOf(rows);
    };
    const recalls = await view.prepare(Int32Array.from(places), look);
    const [said, truth] = tf.tidy(() => {
      const known = { rows: tf.tensor1d(places, 'int32'), recalls };
      const own = network.forward(imagesOf(rows), { training: false });
      return [view.trace(tf.zeros([batch, side, side, 1]), false, known).logits, own.logits];
    });
    expect(await said!.data()).toEqual(await truth!.data());
    tf.dispose([said, truth]);
  };
  return { asked, step };
}

it('knows in a later run what the same teacher has said of a row, and asks for the rest', async () => {
  const tables = new TraceTables();
  const first = run(tables, [0, 1, 2, 3]);
  await first.step(0, 1);
  await first.step(1, 0);
  expect(first.asked).toEqual([0, 1]);
  // Its rows lie elsewhere in its pool.
  const second = run(tables, [5, 1, 0]);
  await second.step(2, 1);
  await second.step(0, 1);
  expect(second.asked).toEqual([5, 1]);
});

it('asks another teacher, of other instances, and of the same ones seen otherwise', async () => {
  const tables = new TraceTables();
  await run(tables, [0, 1, 2]).step(0, 1);
  for (const other of [{ seed: 2 }, { on: otherColumn }, { shown: 'halved' }]) {
    const { asked, step } = run(tables, [0, 1, 2], other);
    await step(0, 1);
    expect(asked, JSON.stringify(other)).toEqual([0, 1]);
  }
});
