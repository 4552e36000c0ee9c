/** How many workers an experiment is given. */
import type { BackendName } from '../engine/backend-names';
import type { RunFacts } from '../training/events';

/** Bytes of a worker before it has data: the code, the backend and its heap. */
const emptyWorker = 120e6;
/** Of a trained number: the value, its gradient and the optimiser's two moments. */
const bytesPerParameter = 16;

export interface Machine {
  /** Logical cores. */
  cores: number;
  /** Bytes of memory, as far as the browser says. */
  memory: number;
}

/** Estimated bytes of a worker that trains runs like this one. */
export function workerBytes({ networks, dataset: { shape }, ...facts }: RunFacts): number {
  const instances = facts.labelled + facts.unlabelled + facts.meta + facts.validation + facts.test;
  const values = shape.reduce<number>((product, side) => product * side, 1);
  const ofNetworks = networks.reduce(
    // Gradients need the activations of a batch, and about as much again while they are computed.
    (sum, { parameters, activationBytes }) => sum + bytesPerParameter * parameters + 2 * activationBytes,
    bytesPerParameter * facts.extraParameters,
  );
  return emptyWorker + ofNetworks + instances * values;
}

/** The most workers that may be asked for. Runs on a graphics card share it, so that more than two only wait. */
export function mostWorkers(backend: BackendName | null, { cores }: Machine): number {
  return backend === 'webgpu' || backend === 'webgl' ? 2 : Math.max(1, cores);
}

/**
 * The number of workers to begin with: all cores but one, as far as half of the memory holds them; one on a card.
 * @param facts of a run of the experiment; null where they are not known
 */
export function usualWorkers(backend: BackendName | null, machine: Machine, facts: RunFacts | null): number {
  if (backend === 'webgpu' || backend === 'webgl') return 1;
  const room = facts ? Math.floor(machine.memory / 2 / workerBytes(facts)) : Infinity;
  return Math.max(1, Math.min(machine.cores - 1, room));
}
