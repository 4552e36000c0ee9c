/**
 * A runner in Node: the engine on WebAssembly, or TensorFlow.js's backend as it comes. Each runs in a process of its own,
 * because two backends of that kind in one process share their functions.
 */
import { createInterface } from 'node:readline';
import { asStockWasm } from './stock-wasm';
import { useWasm } from '../../support/wasm-in-node';
import { tf } from '../../../src/engine/tf';
import { Training } from '../engine/training';
import type { Begun, Question, Stepped } from './protocol';

async function main(): Promise<void> {
  const isStock = process.argv[2] === 'stock';
  if (isStock) await asStockWasm();
  else await useWasm();
  const say = (answer: unknown) => console.log(JSON.stringify(answer));
  say({ title: isStock ? 'TensorFlow.js' : 'Retort' });
  let training: Training | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line) as Question;
    if (question.do === 'begin') {
      training?.dispose();
      training = new Training(question.case);
      const begun: Begun = { start: await training.start(), parameters: training.parameters };
      say(begun);
    } else say(stepped(training!, question.steps));
  }
}

function stepped(training: Training, steps: number): Stepped {
  const losses: number[] = [];
  const [began, used] = [performance.now(), process.cpuUsage()];
  for (let step = 0; step < steps; step++) {
    training.prepare();
    const { loss } = tf.tidy(training.compute);
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
  }
  const { user, system } = process.cpuUsage(used);
  return {
    wallMs: (performance.now() - began) / steps,
    processorMs: (user + system) / 1000 / steps,
    losses,
  };
}

await main();
