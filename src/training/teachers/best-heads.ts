/**
 * Keeps each self-analysing head as it was after the epoch in which it was right most often on images that it does not
 * learn from (MGD's protocol, on validation images where the authors' code takes the test set).
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
  /** Validation images; else images of the teacher's that the heads do not learn from. */
  validation: boolean;
}

/** Which epoch's head is kept and how often it is right, 0..1. */
export interface KeptHead {
  epoch: number;
  accuracy: number;
}

/** Plain data that can be cloned: the kept heads' numbers, null before the first epoch's end. */
export type BestHeadsState = Granular<(KeptHead & { variables: Float32Array[] }) | null>;

export class BestHeads {
  private readonly network: Network;
  private readonly widths: CodeWidths;
  private readonly selection: SelectionSet;
  private readonly feature: number;
  private readonly cache: FeatureCache;
  private best: BestHeadsState = { abstract: null, detailed: null };

  /**
   * @param network with heads; stays the caller's
   * @param feature width of its embedding
   */
  constructor(network: Network, widths: CodeWidths, feature: number, choosing: SelectionSet) {
    this.network = network;
    this.widths = widths;
    this.feature = feature;
    this.selection = choosing;
    this.cache = new FeatureCache(choosing.rows, feature, network.outputs);
  }

  /** Shows the images to the network, before the first `look`. */
  prepare(setup: TeacherSetup): AsyncGenerator<RunEvent[], void, undefined> {
    return this.cache.fill(this.network, setup);
  }

  /** What `look` computes, for its kernels: see `Stepper`. */
  get passes(): (() => Record<string, Tensor>)[] {
    const { rows } = this.selection;
    if (rows.length === 0) return [];
    return [() => ({ ...this.logitsOf(tf.zeros<tf.Rank.R2>([rows.length, this.feature])) })];
  }

  /**
   * After an epoch (counted from 1): measures both heads and keeps what is best so far, the later one of equals.
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
    const told: Record<string, number> = {
      'head accuracy/teacher itself': accuracy(this.cache.of('logits', rows), labels, outputs),
    };
    for (const head of heads) {
      const right = accuracy(await logits[head].data<'float32'>(), labels, outputs);
      logits[head].dispose();
      told[`head accuracy/${head}`] = right;
      if (right < (this.best[head]?.accuracy ?? 0)) continue;
      this.best[head] = { epoch, accuracy: right, variables: await readVariables(this.variablesOf(head)) };
    }
    return told;
  }

  /** Gives the network the kept heads. Heads that were never measured stay as they are, and null is returned. */
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
