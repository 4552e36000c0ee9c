/**
 * A network as an ONNX file: images [batch,C,H,W] or rows [batch,columns] in, logits [batch,classes] or numbers in their
 * unit out.
 */
import { shapeOf } from '../../nn/graph/model-graph';
import { foldBatchNorms } from '../graph/fold';
import type { Quantisation } from '../graph/quantise';
import {
  graphOfSource,
  modelFacts,
  outputsOf,
  portsOf,
  type ModelOptions,
  type ModelSource,
} from '../model-source';
import { model, node, opset, value } from './proto';
import { channelsFirst, OnnxWriter } from './onnx-writer';

export interface OnnxExtras {
  /** To eight bits; null for float. */
  quantisation?: Quantisation | null;
  /** Names of values that the model gives out beside its output. */
  watched?: readonly string[];
}

/**
 * The bytes of the file. Weights keep PyTorch's names and layouts. Metadata: network, classes, mean, deviation and
 * kind of input.
 * @throws Error with a sentence when the weights are not the network's
 */
export function onnxModel(
  source: ModelSource,
  options: ModelOptions,
  { quantisation = null, watched = [] }: OnnxExtras = {},
): Uint8Array<ArrayBuffer> {
  const plain = graphOfSource(source);
  const graph = options.foldBatchNorm ? foldBatchNorms(plain) : plain;
  const writer = new OnnxWriter(graph, quantisation);
  const ports = portsOf(source);
  const first = options.feed === 'pixels' ? writer.normalise(source.normalisation, ports.input) : ports.input;
  writer.begin(first);
  for (const step of graph.nodes) writer.write(step, first);
  if (ports.scale) writer.scale(graph.output, ports.scale, ports.output);
  else writer.nodes.push(node('Identity', [graph.output], ports.output));
  return model(
    {
      name: source.network,
      nodes: writer.nodes,
      weights: writer.weights,
      inputs: [value(ports.input, channelsFirst(source.input))],
      outputs: [
        value(ports.output, [outputsOf(source)]),
        ...watched.map((name) => value(name, channelsFirst(shapeOf(graph, name)))),
      ],
    },
    {
      ...modelFacts(source, options),
      ...(source.input.length === 1 ? {} : { layout: 'NCHW' }),
      opset: String(opset),
      ...(quantisation
        ? { precision: 'int8: kernels by channel, values as uint8, by QuantizeLinear and DequantizeLinear' }
        : {}),
    },
  ).finish();
}
