/** Input of every model export. */
import { graphOf, isRounded, writeNetwork, type WrittenNetwork } from '../nn/graph/emit';
import type { ModelGraph } from '../nn/graph/model-graph';
import type { NamedArray } from '../nn/layouts';
import {
  aboutToMetadata,
  type FileColumnAbout,
  type TargetsAbout,
  type WeightsAbout,
} from '../nn/weights-about';

export interface ModelSource {
  /** "student", "teacher" or "control". */
  learner: string;
  /** Name of the network (nn/network-names.ts); of joined networks, a name for display. */
  network: string;
  /** Its computation, for networks without a name of their own. */
  written?: WrittenNetwork;
  /** [h,w,c] of its images, or [columns] of its table. */
  input: WeightsAbout['input'];
  /** None where `targets` says what is answered. */
  classes: readonly string[];
  normalisation: WeightsAbout['normalisation'];
  columns?: readonly string[];
  fileColumns?: readonly FileColumnAbout[];
  targets?: TargetsAbout;
  /** Under PyTorch's names and in its layouts. */
  weights: readonly NamedArray[];
  /** Title of the run. */
  run: string;
}

export interface ModelOptions {
  /** Folds batch norms into the convolutions before them: fewer nodes, the same outputs up to rounding. */
  foldBatchNorm: boolean;
  /** Input of the model: pixels from 0 to 1 or columns as in the table (the model normalises them), or normalised ones. */
  feed: 'pixels' | 'normalised';
}

/** How many numbers the network puts out. */
export function outputsOf({ classes, targets }: Pick<ModelSource, 'classes' | 'targets'>): number {
  return targets?.names.length ?? classes.length;
}

/** Names of the input and of the output in the model, and the scale that brings the output to its unit. */
export function portsOf({ input, targets }: Pick<ModelSource, 'input' | 'targets'>) {
  const scale = targets?.scale ?? null;
  return { input: input.length === 1 ? 'columns' : 'images', output: scale ? 'numbers' : 'logits', scale };
}

/** @throws Error with a sentence when there is no such network or the weights are not its own */
export function graphOfSource(source: ModelSource): ModelGraph {
  const { network, written, input, weights } = source;
  return graphOf(written ?? writeNetwork(network, input, outputsOf(source)), weights);
}

/** Metadata for the file's reader, text by key; written to every format that supports it. */
export function modelFacts(
  source: ModelSource,
  { feed, foldBatchNorm }: ModelOptions,
): Record<string, string> {
  const { network, input, classes, normalisation, columns, fileColumns, targets } = source;
  const isTable = input.length === 1;
  const raw = isTable
    ? 'columns as they stand in the table; the model normalises them itself'
    : 'pixels from 0 to 1; the model normalises them itself';
  const normal = isTable
    ? '(column - mean) / deviation, by column'
    : '(pixel - mean) / deviation, with pixels from 0 to 1';
  return {
    learner: source.learner,
    run: source.run,
    ...aboutToMetadata({
      network,
      input,
      classes: [...classes],
      normalisation,
      ...(columns ? { columns } : {}),
      ...(fileColumns ? { fileColumns } : {}),
      ...(targets ? { targets } : {}),
    }),
    ...(targets ? { answers: answersOf(targets) } : {}),
    feed: feed === 'pixels' ? raw : normal,
    ...(source.written && isRounded(source.written)
      ? { precision: 'low: kernels and activations are rounded, and ONNX holds kernels as whole numbers' }
      : {}),
    batch_norm: foldBatchNorm ? 'folded into convolutions' : 'as trained',
  };
}

/** What comes out of the model, a sentence. */
function answersOf({ units, scale }: TargetsAbout): string {
  if (!scale) return 'logits; the sigmoid of each is the probability of its label';
  const known = units.filter((unit) => unit !== '');
  return known.length > 0
    ? `numbers in their units (${known.join(', ')})`
    : 'numbers as they stand in the data';
}
