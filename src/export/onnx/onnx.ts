/** A network as an ONNX file: images [batch,C,H,W] in, logits [batch,classes] out. */
import { foldBatchNorms } from '../graph/fold';
import { graphOfSource, modelFacts, type ModelOptions, type ModelSource } from '../model-source';
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
  const first = options.feed === 'pixels' ? writer.normalise(source.normalisation) : null;
  for (const step of graph.nodes) writer.write(step, first);
  writer.nodes.push(node('Identity', [graph.output], 'logits'));
  return model(
    {
      name: source.network,
      nodes: writer.nodes,
      weights: writer.weights,
      inputs: [value('images', channelsFirst(source.input))],
      outputs: [value('logits', [source.classes.length])],
    },
    { ...modelFacts(source, options), layout: 'NCHW', opset: String(opset) },
  ).finish();
}
