/**
 * A network as a graph model of TensorFlow.js: `model.json` and `weights.bin`, for `tf.loadGraphModel`. Images
 * [batch,H,W,C] or rows [batch,columns] in, logits [batch,classes] or numbers in their unit out.
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
  const ports = portsOf(source);
  const writer = new TfjsWriter(ports.input, source.input);
  for (const [name, weight] of graph.weights) writer.weight(name, weight);
  const first = options.feed === 'pixels' ? writer.normalise(source.normalisation, ports.input) : ports.input;
  for (const step of graph.nodes) writer.write(step, first);
  if (ports.scale) writer.scale(graph.output, ports.scale, ports.output);
  else writer.nodes.push(nodeDef(ports.output, 'Identity', [graph.output], { T: attribute.float }));
  const json = {
    format: 'graph-model',
    generatedBy: 'Retort',
    convertedBy: null,
    signature: signatureOf(
      { name: ports.input, shape: source.input },
      { name: ports.output, shape: [outputsOf(source)] },
    ),
    userDefinedMetadata: {
      ...modelFacts(source, options),
      ...(source.input.length === 1 ? {} : { layout: 'NHWC' }),
    },
    modelTopology: { node: writer.nodes, library: {}, versions: { producer: 1395 } },
    weightsManifest: [{ paths: ['weights.bin'], weights: writer.manifest }],
  };
  return { 'model.json': `${JSON.stringify(json)}\n`, 'weights.bin': writer.weightBytes() };
}
