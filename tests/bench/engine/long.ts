/** Replays one recorded step many times: memory must not grow. */
import { captureStep } from '../../../src/engine/capture/capture';
import { tf } from '../../../src/engine/tf';
import { engineCases } from './cases';
import { start } from './measure';
import { Training } from './training';

/** The state after a tenth of the replays. */
export interface Tenth {
  steps: number;
  /** Mean over this tenth, steps overlapping as in a run. */
  ms: number;
  tensors: number;
  /** Device memory held by tensors, and allocated by the pool. */
  bytes: number;
  allocated: number;
  loss: number;
}

export interface LongResult {
  adapter: string;
  case: string;
  tenths: Tenth[];
  /** Tensors and bytes are the same after every tenth. */
  memoryIsFlat: boolean;
  /** Mean step of the second half by that of the first. */
  slowdown: number;
}

export async function measureLong(
  steps: number,
  onTenth: (tenth: Tenth) => void = () => undefined,
): Promise<LongResult> {
  const { adapter } = await start();
  const one = engineCases.find(({ teacher }) => teacher !== null)!;
  const training = new Training(one);
  training.prepare();
  const graph = captureStep(training.compute, { inputs: training.inputs });
  await graph.prepare();
  await graph.replay();
  const tenths: Tenth[] = [];
  const perTenth = Math.max(1, Math.round(steps / 10));
  for (let done = perTenth; done <= perTenth * 10; done += perTenth) {
    const began = performance.now();
    for (let step = 1; step < perTenth; step++) {
      await graph.room();
      training.prepare();
      // Some losses are read back and discarded, as charts do.
      graph.replay()?.catch(() => undefined);
    }
    await graph.room();
    training.prepare();
    const { loss } = (await graph.replay()) ?? {};
    const ms = (performance.now() - began) / perTenth;
    const memory = tf.memory() as ReturnType<typeof tf.memory> & Record<string, number>;
    const tenth = {
      steps: done,
      ms,
      tensors: memory.numTensors,
      bytes: memory['numBytesInGPU']!,
      allocated: memory['numBytesAllocatedInGPU']!,
      loss: loss?.[0] ?? Number.NaN,
    };
    tenths.push(tenth);
    onTenth(tenth);
  }
  graph.dispose();
  training.dispose();
  const first = tenths[0]!;
  const memoryIsFlat = tenths.every(
    ({ tensors, bytes, allocated }) =>
      tensors === first.tensors && bytes === first.bytes && allocated === first.allocated,
  );
  const slowdown = meanMs(tenths.slice(5)) / meanMs(tenths.slice(0, 5));
  return { adapter, case: one.name, tenths, memoryIsFlat, slowdown };
}

function meanMs(tenths: readonly Tenth[]): number {
  return tenths.reduce((sum, { ms }) => sum + ms, 0) / tenths.length;
}
