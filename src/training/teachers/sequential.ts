/** Trains several networks one after another and returns all of them. */
import type { Normalisation } from '../../distill/modalities/input-source';
import type { NamedArray } from '../../nn/module';
import type { Network } from '../../nn/network';
import type { RunContext } from '../context';
import type { RunEvent } from '../events';
import { NetworkPhase, type NetworkPhaseState, type NetworkTraining } from './network-phase';
import type { TeacherSetting } from './teacher';

/** One of the networks. `create` must be deterministic: after a restore it is called again. */
export interface SequentialNetwork {
  /** @param earlier networks that are trained already; they stay owned by the sequence */
  create: (earlier: readonly Network[]) => Promise<Network> | Network;
  training: (network: Network) => Omit<NetworkTraining, 'before' | 'total'>;
  steps: number;
}

export interface SequentialState {
  /** Weights of the trained networks. */
  done: NamedArray[][];
  /** Phase of the network in training; null before its first step. */
  phase: NetworkPhaseState | null;
}

export class SequentialTraining {
  private readonly queue: readonly SequentialNetwork[];
  private readonly setting: TeacherSetting;
  private readonly context: RunContext;
  private readonly normalisation: Normalisation;
  private networks: Network[] = [];
  private phase: NetworkPhase | null = null;
  private restored: SequentialState = { done: [], phase: null };

  constructor(
    queue: readonly SequentialNetwork[],
    setting: TeacherSetting,
    context: RunContext,
    normalisation: Normalisation,
  ) {
    this.queue = queue;
    this.setting = setting;
    this.context = context;
    this.normalisation = normalisation;
  }

  /** One element per step; returns the networks, which the caller owns. */
  async *ticks(): AsyncGenerator<RunEvent[], Network[], undefined> {
    const total = this.queue.reduce((sum, { steps }) => sum + steps, 0);
    let before = 0;
    for (const [i, pupil] of this.queue.entries()) {
      const network = await pupil.create(this.networks);
      const trained = this.restored.done[i];
      if (trained) {
        network.module.loadState(trained);
        this.networks.push(network);
      } else {
        const training = { ...pupil.training(network), before, total };
        this.phase = new NetworkPhase(network, training, this.setting, this.context, this.normalisation);
        if (this.restored.phase) this.phase.restore(this.restored.phase);
        this.restored = { ...this.restored, phase: null };
        yield* this.phase.ticks();
        this.networks.push(this.phase.release());
        this.phase = null;
      }
      before += pupil.steps;
    }
    const trained = this.networks;
    this.networks = [];
    return trained;
  }

  async flush(): Promise<RunEvent[]> {
    return (await this.phase?.flush()) ?? [];
  }

  async state(): Promise<SequentialState> {
    // Before the first tick the restored state is still unused.
    if (!this.phase && this.networks.length === 0) return this.restored;
    return {
      done: await Promise.all(this.networks.map((network) => network.module.exportState())),
      phase: (await this.phase?.state()) ?? null,
    };
  }

  restore(state: SequentialState): void {
    this.restored = state;
  }

  dispose(): void {
    this.phase?.dispose();
    this.networks.forEach((network) => network.dispose());
    this.phase = null;
    this.networks = [];
  }
}
