/** Input of every model export. */
import { graphOf, writeNetwork, type WrittenNetwork } from '../nn/graph/emit';
import type { ModelGraph } from '../nn/graph/model-graph';
import type { NamedArray } from '../nn/layouts';

export interface ModelSource {
  /** "student", "teacher" or "control". */
  learner: string;
  /** Name of the network (nn/network-names.ts); of joined networks, a name for display. */
  network: string;
  /** Its computation, for networks without a name of their own. */
  written?: WrittenNetwork;
  /** [h,w,c] of its images. */
  input: readonly [number, number, number];
  classes: readonly string[];
  /** Trained on (pixel - mean) / deviation, with pixels from 0 to 1. */
  normalisation: { mean: number; deviation: number };
  /** Under PyTorch's names and in its layouts. */
  weights: readonly NamedArray[];
  /** Title of the run. */
  run: string;
}

export interface ModelOptions {
  /** Folds batch norms into the convolutions before them: fewer nodes, the same outputs up to rounding. */
  foldBatchNorm: boolean;
  /** Input of the model: pixels from 0 to 1 (the model normalises them), or normalised images. */
  feed: 'pixels' | 'normalised';
}

/** @throws Error with a sentence when there is no such network or the weights are not its own */
export function graphOfSource({ network, written, input, classes, weights }: ModelSource): ModelGraph {
  return graphOf(written ?? writeNetwork(network, input, classes.length), weights);
}

/** Metadata for the file's reader, text by key; written to every format that supports it. */
export function modelFacts(
  source: ModelSource,
  { feed, foldBatchNorm }: ModelOptions,
): Record<string, string> {
  const { mean, deviation } = source.normalisation;
  return {
    network: source.network,
    learner: source.learner,
    run: source.run,
    input: JSON.stringify(source.input),
    classes: JSON.stringify(source.classes),
    mean: String(mean),
    deviation: String(deviation),
    feed:
      feed === 'pixels'
        ? 'pixels from 0 to 1; the model normalises them itself'
        : '(pixel - mean) / deviation, with pixels from 0 to 1',
    batch_norm: foldBatchNorm ? 'folded into convolutions' : 'as trained',
  };
}
