/**
 * A network as an ONNX file: images [batch,C,H,W] or rows [batch,columns] in, logits [batch,classes] or numbers in their
 * unit out.
 */
import { foldBatchNorms } from '../graph/fold';
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

/**
 * The bytes of the file. Weights keep PyTorch's names and layouts. Metadata: network, classes, mean, deviation and
 * kind of input.
 * @throws Error with a sentence when the weights are not the network's
 */
export function onnxModel(source: ModelSource, options: ModelOptions): Uint8Array<ArrayBuffer> {
  const plain = graphOfSource(source);
  const graph = options.foldBatchNorm ? foldBatchNorms(plain) : plain;
  const writer = new OnnxWriter(graph);
  const ports = portsOf(source);
  const first = options.feed === 'pixels' ? writer.normalise(source.normalisation, ports.input) : ports.input;
  for (const step of graph.nodes) writer.write(step, first);
  if (ports.scale) writer.scale(graph.output, ports.scale, ports.output);
  else writer.nodes.push(node('Identity', [graph.output], ports.output));
  return model(
    {
      name: source.network,
      nodes: writer.nodes,
      weights: writer.weights,
      inputs: [value(ports.input, channelsFirst(source.input))],
      outputs: [value(ports.output, [outputsOf(source)])],
    },
    {
      ...modelFacts(source, options),
      ...(source.input.length === 1 ? {} : { layout: 'NCHW' }),
      opset: String(opset),
    },
  ).finish();
}
