/** What every export of a model starts from. */
import { graphOf, writeNetwork, type WrittenNetwork } from '../nn/graph/emit';
import type { ModelGraph } from '../nn/graph/model-graph';
import type { NamedArray } from '../nn/layouts';

export interface ModelSource {
  /** Who it is: "student", "teacher", "control". */
  learner: string;
  /** Name of the network (nn/network-names.ts); of several in one body, what people call it. */
  network: string;
  /** What it computes, where its name does not say so. */
  written?: WrittenNetwork;
  /** [h,w,c] of the images it reads. */
  input: readonly [number, number, number];
  classes: readonly string[];
  /** It was trained on (pixel - mean) / deviation with pixels from 0 to 1. */
  normalisation: { mean: number; deviation: number };
  /** Under PyTorch's names and in its layouts. */
  weights: readonly NamedArray[];
  /** Title of the run it comes from. */
  run: string;
}

export interface ModelOptions {
  /** Works batch norms into the convolutions before them: fewer nodes, the same answers up to rounding. */
  foldBatchNorm: boolean;
  /** What the model is fed: pixels from 0 to 1 (it normalises them itself), or images that are normalised already. */
  feed: 'pixels' | 'normalised';
}

/** @throws Error with a sentence when there is no such network or the weights are not its own */
export function graphOfSource({ network, written, input, classes, weights }: ModelSource): ModelGraph {
  return graphOf(written ?? writeNetwork(network, input, classes.length), weights);
}

/** What a reader of the file should know, as text by key; goes into every format that has room for it. */
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
