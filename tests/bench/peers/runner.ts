/**
 * A runner in Node, on WebAssembly: the engine on a number of threads, TensorFlow.js's backend as it comes, or jax-js. Each
 * runs in a process of its own, because two backends of that kind in one process share their functions.
 */
import { init, defaultDevice } from '@jax-js/jax';
import { createInterface } from 'node:readline';
import { startTeam } from '../../../src/engine/wasm/threads/teams';
import { startHelper } from '../../support/helper-in-node';
import { useSharedWasm, useWasm } from '../../support/wasm-in-node';
import type { Question } from './protocol';
import { asStockWasm } from './stock-wasm';
import { answer, JaxTrainer, TensorFlowTrainer, type Trainer } from './trainers';

/** The helper is a file of its own beside this one; named so that no bundler takes it for an asset. */
const helperFile = new URL(`./${'helper'}.mjs`, import.meta.url);

async function trainerOf(kind: string, threads: number): Promise<Trainer> {
  if (kind === 'jax') {
    await init('wasm');
    defaultDevice('wasm');
    return new JaxTrainer();
  }
  if (kind === 'stock') await asStockWasm();
  else if (threads === 1) await useWasm();
  else {
    await useSharedWasm();
    await startTeam({ threads, start: (...given) => startHelper(helperFile, ...given) });
  }
  return new TensorFlowTrainer(kind === 'retort');
}

const [, , kind = 'retort', threads = '1'] = process.argv;
const say = (text: unknown) => console.log(JSON.stringify(text));
const trainer = await trainerOf(kind, Number(threads));
const usedMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
say({ title: kind });
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  // A peer that cannot take a step says why, and the others are timed all the same.
  say(await answer(trainer, question, usedMs).catch((error: unknown) => ({ problem: String(error) })));
}
