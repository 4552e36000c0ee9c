/**
 * Keeps the weights of each self-analysing head from its best epoch, by accuracy on images that are not trained on (MGD's
 * protocol; the authors' code selects on the test set, this one on validation images).
 */
import { selfAnalyse, type CodeWidths, type Granular } from '../../distill/teachers/granular/heads';
import { headsPrefix } from '../../distill/teachers/granular/network';
import { tf, type Tensor, type Tensor2D } from '../../engine/tf';
import { readVariables, writeVariables } from '../../engine/variables';
import { accuracy } from '../../nn/classification-metrics';
import type { Network } from '../../nn/network';
import { prefixed } from '../../nn/prefixed';
import type { RunEvent } from '../events';
import { FeatureCache } from './feature-cache';
import type { TeacherSetup } from './teacher';

type Head = keyof Granular<unknown>;
const heads: readonly Head[] = ['abstract', 'detailed'];

/** Images of the training split on which the heads are compared. */
export interface SelectionSet {
  rows: Int32Array;
  /** [rows] */
  labels: Int32Array;
  /** True for validation images; else training images that are held out from the heads. */
  validation: boolean;
}

/** The epoch of the kept head and its accuracy, 0..1. */
export interface KeptHead {
  epoch: number;
  accuracy: number;
}

/** Plain data that can be cloned: weights of the kept heads, null before the end of the first epoch. */
export type BestHeadsState = Granular<(KeptHead & { variables: Float32Array[] }) | null>;

export class BestHeads {
  private readonly network: Network;
  private readonly widths: CodeWidths;
  private readonly selection: SelectionSet;
  private readonly feature: number;
  private readonly cache: FeatureCache;
  private best: BestHeadsState = { abstract: null, detailed: null };

  /**
   * @param network with heads; stays owned by the caller
   * @param feature width of its embedding
   */
  constructor(network: Network, widths: CodeWidths, feature: number, choosing: SelectionSet) {
    this.network = network;
    this.widths = widths;
    this.feature = feature;
    this.selection = choosing;
    this.cache = new FeatureCache(choosing.rows, feature, network.outputs);
  }

  /** Computes the features of the selection images; call before the first `measure`. */
  prepare(setup: TeacherSetup): AsyncGenerator<RunEvent[], void, undefined> {
    return this.cache.fill(this.network, setup);
  }

  /** The computation of `measure`, so that `Stepper` can compile its kernels ahead. */
  get passes(): (() => Record<string, Tensor>)[] {
    const { rows } = this.selection;
    if (rows.length === 0) return [];
    return [() => ({ ...this.logitsOf(tf.zeros<tf.Rank.R2>([rows.length, this.feature])) })];
  }

  /**
   * Call after an epoch (counted from 1): measures both heads and keeps the best so far, the later one on a tie.
   * @returns accuracies 0..1 for the charts, the teacher's own among them
   */
  async measure(epoch: number): Promise<Record<string, number>> {
    const { rows, labels } = this.selection;
    if (rows.length === 0) return {};
    const { outputs } = this.network;
    const features = this.cache.of('features', rows);
    const logits = tf.tidy(() => ({
      ...this.logitsOf(tf.tensor2d(features, [rows.length, this.feature])),
    }));
    const accuracies: Record<string, number> = {
      'head accuracy/teacher itself': accuracy(this.cache.of('logits', rows), labels, outputs),
    };
    for (const head of heads) {
      const right = accuracy(await logits[head].data<'float32'>(), labels, outputs);
      logits[head].dispose();
      accuracies[`head accuracy/${head}`] = right;
      if (right < (this.best[head]?.accuracy ?? 0)) continue;
      this.best[head] = { epoch, accuracy: right, variables: await readVariables(this.variablesOf(head)) };
    }
    return accuracies;
  }

  /** Loads the kept heads into the network; without a measurement it stays unchanged and null is returned. */
  restoreBest(): Granular<KeptHead> | null {
    const { abstract, detailed } = this.best;
    if (!abstract || !detailed) return null;
    for (const head of heads) writeVariables(this.variablesOf(head), this.best[head]!.variables);
    const facts = ({ epoch, accuracy: right }: KeptHead) => ({ epoch, accuracy: right });
    return { abstract: facts(abstract), detailed: facts(detailed) };
  }

  state(): BestHeadsState {
    return { ...this.best };
  }

  restore(state: BestHeadsState): void {
    this.best = { ...state };
  }

  /** [N,C] per head, of features [N,D]. */
  private logitsOf(features: Tensor2D): Granular<Tensor> {
    const ops = prefixed(this.network.module.ops({ training: false }), headsPrefix);
    return selfAnalyse<Tensor>(ops, features, this.widths, this.network.outputs).logits;
  }

  /** A head's encoder and decoder. */
  private variablesOf(head: Head): tf.Variable[] {
    return [...this.network.module.trainable]
      .filter(([name]) => name.startsWith(`${headsPrefix}${head}`))
      .map(([, variable]) => variable);
  }
}
