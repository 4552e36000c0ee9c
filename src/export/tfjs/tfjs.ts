/**
 * A network as a graph model of TensorFlow.js: `model.json` and `weights.bin`, for `tf.loadGraphModel`. Images
 * [batch,H,W,C] in, logits [batch,classes] out.
 */
import { foldBatchNorms } from '../graph/fold';
import { graphOfSource, modelFacts, type ModelOptions, type ModelSource } from '../model-source';
import { attribute, nodeDef, signatureOf } from './node-def';
import { TfjsWriter } from './tfjs-writer';

export interface TfjsModel {
  'model.json': string;
  'weights.bin': Uint8Array<ArrayBuffer>;
}

/**
 * The two files of the model. Weights keep PyTorch's names, in the layouts of TensorFlow.
 * @throws Error with a sentence when the weights are not the network's
 */
export function tfjsModel(source: ModelSource, options: ModelOptions): TfjsModel {
  const plain = graphOfSource(source);
  const graph = options.foldBatchNorm ? foldBatchNorms(plain) : plain;
  const writer = new TfjsWriter(source.input);
  for (const [name, weight] of graph.weights) writer.weight(name, weight);
  const first = options.feed === 'pixels' ? writer.normalise(source.normalisation) : null;
  for (const step of graph.nodes) writer.write(step, first);
  writer.nodes.push(nodeDef('logits', 'Identity', [graph.output], { T: attribute.float }));
  const json = {
    format: 'graph-model',
    generatedBy: 'Retort',
    convertedBy: null,
    signature: signatureOf(source.input, source.classes.length),
    userDefinedMetadata: { ...modelFacts(source, options), layout: 'NHWC' },
    modelTopology: { node: writer.nodes, library: {}, versions: { producer: 1395 } },
    weightsManifest: [{ paths: ['weights.bin'], weights: writer.manifest }],
  };
  return { 'model.json': `${JSON.stringify(json)}\n`, 'weights.bin': writer.weightBytes() };
}
