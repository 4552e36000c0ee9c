/** Measures the dispatches of a recorded step one by one. */
import { captureStep } from '../../../src/engine/capture/capture';
import { tf } from '../../../src/engine/tf';
import { engineCases } from './cases';
import { start } from './measure';
import { Training } from './training';

/** All dispatches of one kernel in a step. */
export interface KernelShare {
  kernel: string;
  dispatches: number;
  ms: number;
}

export interface KernelsResult {
  adapter: string;
  case: string;
  dispatches: number;
  copies: number;
  /** Of the whole step, replayed at once. */
  stepMs: number;
  kernels: KernelShare[];
}

/** The internals of a recorded step that are read here. */
interface GraphInsides {
  ready: { pipeline?: GPUComputePipeline; bindGroup: GPUBindGroup; workgroups: [number, number, number] }[];
}

/** Each dispatch is repeated within one submission, so that submitting costs little. */
const repeats = 8;
const rounds = 3;

/** @param name part of the cases' names */
export async function measureKernels(name: string): Promise<KernelsResult[]> {
  const { adapter } = await start();
  const results: KernelsResult[] = [];
  for (const one of engineCases.filter((each) => each.name.includes(name))) {
    const training = new Training(one);
    training.prepare();
    const graph = captureStep(training.compute, { inputs: training.inputs });
    await graph.prepare();
    const stepMs = await best(async () => {
      await graph.replay();
    });
    const { device } = tf.backend() as unknown as { device: GPUDevice };
    const submit = async (op?: GraphInsides['ready'][number]) => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let n = 0; op && n < repeats; n++) {
        pass.setPipeline(op.pipeline!);
        pass.setBindGroup(0, op.bindGroup);
        pass.dispatchWorkgroups(...op.workgroups);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    };
    const nothing = await best(() => submit());
    const byKernel = new Map<string, KernelShare>();
    for (const op of (graph as unknown as GraphInsides).ready.filter(({ pipeline }) => pipeline)) {
      const kernel = op.pipeline!.label;
      const ms = Math.max((await best(() => submit(op))) - nothing, 0) / repeats;
      const chunk = byKernel.get(kernel) ?? { kernel, dispatches: 0, ms: 0 };
      byKernel.set(kernel, { kernel, dispatches: chunk.dispatches + 1, ms: chunk.ms + ms });
    }
    const { dispatches, copies } = graph;
    const kernels = [...byKernel.values()].sort((a, b) => b.ms - a.ms);
    results.push({ adapter, case: one.name, dispatches, copies, stepMs, kernels });
    graph.dispose();
    training.dispose();
  }
  return results;
}

async function best(work: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    await work();
    // The first round warms up.
    if (round > 0) least = Math.min(least, performance.now() - began);
  }
  return least;
}
