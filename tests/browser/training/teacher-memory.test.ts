/** What is remembered of a teacher is what it says, on the device and on the processor. */
import { describe, expect, it } from 'vitest';
import type { TracePart } from '../../../src/distill/hints/hint';
import { chooseBackend } from '../../../src/engine/backends';
import { liveTensor } from '../../../src/engine/capture/capture';
import { tf, type Tensor1D, type Tensor4D } from '../../../src/engine/tf';
import { describeNetwork } from '../../../src/nn/describe';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { planMemory, type MemoryPlan } from '../../../src/training/teacher-memory';
import { TeacherView } from '../../../src/training/teacher-view';
import { FrozenTeacher } from '../../../src/training/teachers/frozen-teacher';
import type { Teacher } from '../../../src/training/teachers/teacher';

const [images, batch, classes, side] = [7, 3, 5, 8];

function planFor(parts: readonly TracePart[]): MemoryPlan {
  const description = describeNetwork('cnn-4-8', [side, side, 1], classes);
  if ('problem' in description) throw new Error(description.problem);
  const plan = planMemory([{ parts }], description.trace, classes, images, images + 1);
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
}

describe.each(['webgpu', 'wasm'] as const)('on %s', (backend) => {
  it('recalls in any order and mixture what was said of each image, and asks again of a new teacher', async () => {
    expect((await chooseBackend(backend)).name).toBe(backend);
    const before = tf.memory().numTensors;
    const plan = planFor(['stages/1', 'embedding']);
    expect(plan.parts.map(({ part }) => part)).toEqual(['logits', 'embedding', 'stages/1']);
    const random = RandomStream.fork(1, 'memory');
    const network = Network.create('cnn-4-8', [side, side, 1], classes, random);
    const frozen = new FrozenTeacher(network);
    let edition = 0;
    const teacher: Teacher = {
      networks: frozen.networks,
      outputs: classes,
      get version() {
        return edition;
      },
      trace: (seen) => frozen.trace(seen),
      state: () => frozen.state(),
      dispose: () => frozen.dispose(),
    };
    const view = new TeacherView(teacher, 'none', batch, plan);
    const pixels = Array.from({ length: images }, () =>
      Float32Array.from({ length: side * side }, () => random.normal()),
    );
    const live = liveTensor<Tensor1D>([batch], 'int32');
    const of = (rows: readonly number[]): Tensor4D =>
      tf.tensor4d(Float32Array.from(rows.flatMap((row) => [...pixels[row]!])), [rows.length, side, side, 1]);

    const step = async (rows: number[]) => {
      live.write(rows);
      const recalls = await view.prepare(Int32Array.from(rows), () => of(rows));
      const [given, own] = tf.tidy(() => {
        // A memory that recalls must not look at the images.
        const shown = recalls ? tf.zerosLike(of(rows)) : of(rows);
        const trace = view.trace(shown, false, { rows: live.tensor, recalls });
        const truth = frozen.trace(of(rows));
        const parts = (t: typeof trace) => [t.logits, t.embedding, t.stages[1]!].map((part) => part.clone());
        return [parts(trace), parts(truth)];
      });
      for (const [p, part] of given.entries()) expect(await part.data()).toEqual(await own[p]!.data());
      tf.dispose([given, own]);
      return recalls;
    };
    // On the processor the teacher is asked before the step, so that steps always recall.
    const asks = backend === 'wasm';
    expect(await step([0, 1, 2])).toBe(asks);
    expect(await step([2, 4, 6])).toBe(asks);
    expect(await step([6, 0, 4])).toBe(true);
    expect(await step([1, 2, 0])).toBe(true);
    expect(await step([3, 0, 5])).toBe(asks);
    expect(await step([5, 3, 1])).toBe(true);
    tf.tidy(() => {
      for (const variable of network.module.trainable.values()) variable.assign(tf.mul(variable, 1.5));
    });
    edition = 1;
    expect(await step([5, 3, 1])).toBe(asks);
    expect(await step([1, 5, 3])).toBe(true);
    view.dispose();
    teacher.dispose();
    live.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('says why nothing is remembered', async () => {
  await chooseBackend('wasm');
  const shapes = { stem: [8, 8, 4], stages: [[8, 8, 4]], embedding: [8] };
  expect(planMemory([{ parts: ['logits'] }], shapes, 10, 1000, 1000)).toMatch(/too short/);
  const parts: TracePart[] = ['logits', 'embedding', 'stem', 'stages/0', 'preActivations/0'];
  expect(planMemory([{ parts }], shapes, 10, 100_000, 200_000)).toMatch(/300 MB, more than 128 MB/);
});
