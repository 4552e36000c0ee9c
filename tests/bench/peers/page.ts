/** A runner in a page, on WebGPU: the engine, TensorFlow.js's backend as it comes, or jax-js. */
import { defaultDevice, init } from '@jax-js/jax';
import { tf } from '../../../src/engine/tf';
import { start } from '../engine/measure';
import { asStock, registerStock, stockBackend } from '../engine/stock-backend';
import type { Begun, Question, Stepped } from './protocol';
import { answer, JaxTrainer, TensorFlowTrainer } from './trainers';

export interface PeersPage {
  /** Starts all runners. @returns the adapter */
  begin(): Promise<string>;
  ask(kind: 'retort' | 'stock' | 'jax', question: Question): Promise<Begun | Stepped>;
}

const trainers = {
  retort: new TensorFlowTrainer(true),
  stock: new TensorFlowTrainer(false),
  jax: new JaxTrainer(),
};

const page: PeersPage = {
  async begin() {
    const { adapter } = await start();
    await registerStock();
    await init('webgpu');
    defaultDevice('webgpu');
    return adapter;
  },
  async ask(kind, question) {
    if (kind !== 'jax') await tf.setBackend(kind === 'stock' ? stockBackend : 'webgpu');
    const work = () => answer(trainers[kind], question);
    return kind === 'stock' ? asStock(work) : work();
  },
};
Object.assign(window, { peersPage: page });
