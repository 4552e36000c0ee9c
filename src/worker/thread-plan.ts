/** The threads of the training worker: how many, why, and how a helper is started. */
import type { ThreadPlan } from '../engine/backends';
import helperFile from './helper.worker.ts?worker&url';
import { moduleWorker } from './module-worker';

/** Milliseconds in which a helper must have started. */
const patience = 10_000;

/** More have not been measured to gain. */
const mostThreads = 8;

/** @param wanted a number of threads; null for as many as are of use here */
export function threadPlanFor(wanted: number | null, onClosed: ThreadPlan['onClosed']): ThreadPlan {
  return { ...threadsFor(wanted, navigator.hardwareConcurrency), start: startHelper, onClosed };
}

/** All of two cores; half of more, because many of these are the second half of a core. */
function usualThreads(cores: number): number {
  return Math.max(Math.min(2, cores), Math.min(mostThreads, Math.floor(cores / 2)));
}

function threadsFor(wanted: number | null, cores: number): Pick<ThreadPlan, 'threads' | 'why'> {
  if (wanted === 1) return { threads: 1, why: '' };
  if (!globalThis.crossOriginIsolated)
    return {
      threads: 1,
      why: 'One thread: threads can share memory only on a page that is isolated from other origins. This page is so once it is kept for use without a network, over https or from this machine: from its second load on.',
    };
  if (cores < 2) return { threads: 1, why: 'One thread: the browser names one core.' };
  const threads = Math.min(wanted ?? usualThreads(cores), cores);
  return {
    threads,
    why: `${threads} threads for recorded steps, of the ${cores} cores that the browser names. The numbers do not depend on it.`,
  };
}

const startHelper: ThreadPlan['start'] = (order, onEnd) => {
  const helper = moduleWorker(new URL(helperFile, import.meta.url), 'helper');
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      helper.terminate();
      reject(new Error(why));
    };
    const tooLate = setTimeout(() => fail('A helper thread did not start in time.'), patience);
    helper.addEventListener('message', () => {
      clearTimeout(tooLate);
      resolve({ end: () => helper.terminate() });
    });
    helper.addEventListener('error', ({ message }) => {
      clearTimeout(tooLate);
      onEnd(`A helper thread ended (${message || 'no reason given'}).`);
      fail('A helper thread could not be started.');
    });
    helper.postMessage(order);
  });
};
