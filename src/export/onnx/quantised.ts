/** A network as an ONNX file in eight bits: the model whose values are watched for it, and the model itself. */
import { foldBatchNorms } from '../graph/fold';
import { quantisationOf, quantisedValues, type Range } from '../graph/quantise';
import { sourcesOf } from '../model-file';
import { graphOfSource, portsOf, type ModelOptions, type ModelSource } from '../model-source';
import { onnxModel } from './onnx';

export interface Quantisable {
  source: ModelSource;
  /** The float model, fed with normalised inputs, that gives out the values to be watched. */
  bytes: Uint8Array<ArrayBuffer>;
  input: string;
  output: string;
  /** Names of its values; the graph's input is not among them. */
  watched: string[];
}

/** @throws Error with a sentence for networks that teach together */
export function quantisable(
  safetensors: Uint8Array<ArrayBuffer>,
  who: Pick<ModelSource, 'learner' | 'run'>,
): Quantisable {
  const [found, ...others] = sourcesOf(safetensors);
  if (!found || others.length > 0)
    throw new Error(
      'Networks that teach together cannot be rounded to eight bits in one file. Save them as they are.',
    );
  const source = { ...found, ...who };
  const graph = foldBatchNorms(graphOfSource(source));
  const watched = quantisedValues(graph).filter((name) => name !== graph.input.name);
  const { input, output } = portsOf(source);
  const bytes = onnxModel(source, { foldBatchNorm: true, feed: 'normalised' }, { watched });
  return { source, bytes, input, output, watched };
}

/**
 * The model in eight bits. Batch norms are folded, since they would be computed in float.
 * @param ranges of the values, the graph's input ("images") among them
 */
export function quantisedModel(
  source: ModelSource,
  feed: ModelOptions['feed'],
  ranges: ReadonlyMap<string, Range>,
): Uint8Array<ArrayBuffer> {
  const quantisation = quantisationOf(foldBatchNorms(graphOfSource(source)), ranges);
  return onnxModel(source, { foldBatchNorm: true, feed }, { quantisation });
}
