/**
 * A runner in Node: the engine on WebAssembly, or TensorFlow.js's backend as it comes. Each runs in a process of its own,
 * because two backends of that kind in one process share their functions.
 */
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { captureStep, type RecordedStep } from '../../../src/engine/capture/capture';
import { asStockWasm } from './stock-wasm';
import { useSharedWasm, useWasm } from '../../support/wasm-in-node';
import { startTeam } from '../../../src/engine/wasm/threads/teams';
import type { StartHelper } from '../../../src/engine/wasm/threads/team';
import { Worker } from 'node:worker_threads';
import { tf } from '../../../src/engine/tf';
import { Training } from '../engine/training';
import type { Begun, Question, Stepped } from './protocol';

async function main(): Promise<void> {
  const isStock = process.argv[2] === 'stock';
  const threads = Number(process.argv[3] ?? 1);
  if (isStock) await asStockWasm();
  else if (threads === 1) await useWasm();
  else {
    await useSharedWasm();
    await startTeam({ threads, start: startHelper });
  }
  const say = (answer: unknown) => console.log(JSON.stringify(answer));
  say({ title: isStock ? 'TensorFlow.js' : 'Retort' });
  let training: Training | null = null;
  let recorded: RecordedStep | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line) as Question;
    if (question.do === 'begin') {
      recorded?.dispose();
      training?.dispose();
      training = new Training(question.case);
      // Ours is recorded, as in a run; the numbers must be there before.
      training.prepare();
      recorded = isStock ? null : captureStep(training.compute, { inputs: training.inputs });
      const begun: Begun = { start: await training.start(), parameters: training.parameters };
      say(begun);
    } else say(await stepped(training!, recorded, question.steps));
  }
}

/** The helper is a file of its own beside this one. */
const startHelper: StartHelper = (order, onEnd) => {
  const file = join(dirname(fileURLToPath(import.meta.url)), 'helper.mjs');
  const worker = new Worker(file, { workerData: order });
  worker.unref();
  worker.once('exit', () => onEnd('A helper thread ended.'));
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve({ end: () => void worker.terminate() }));
    worker.once('error', reject);
  });
};

async function stepped(training: Training, recorded: RecordedStep | null, steps: number): Promise<Stepped> {
  const losses: number[] = [];
  const [began, used] = [performance.now(), process.cpuUsage()];
  for (let step = 0; step < steps; step++) {
    training.prepare();
    losses.push(recorded ? (await recorded.replay())!['loss']![0]! : opByOp(training));
  }
  const { user, system } = process.cpuUsage(used);
  return {
    wallMs: (performance.now() - began) / steps,
    processorMs: (user + system) / 1000 / steps,
    losses,
  };
}

function opByOp(training: Training): number {
  const { loss } = tf.tidy(training.compute);
  const [value] = loss.dataSync();
  loss.dispose();
  return value!;
}

await main();
