/**
 * A network as a graph model of TensorFlow.js: `model.json` and `weights.bin`, for `tf.loadGraphModel`. Images
 * [batch,H,W,C] in, logits [batch,classes] out.
 */
import { fromTorchLayout } from '../../nn/layouts';
import { graphOfNetwork } from '../graph/emit';
import { foldBatchNorms } from '../graph/fold';
import { batchNormEpsilon, type GraphNode, type GraphWeight, type Shape } from '../graph/graph';
import { modelFacts, type ModelOptions, type ModelSource } from '../model-source';
import { attribute, constant, nodeDef, placeholder, signatureOf, type NodeDef } from './node-def';

export interface TfjsModel {
  'model.json': string;
  'weights.bin': Uint8Array<ArrayBuffer>;
}

interface ManifestEntry {
  name: string;
  shape: Shape;
  dtype: 'float32' | 'int32';
}

/**
 * The two files of the model. Weights keep PyTorch's names, in the layouts of TensorFlow.
 * @throws Error with a sentence when the weights are not the network's
 */
export function tfjsModel(source: ModelSource, options: ModelOptions): TfjsModel {
  const plain = graphOfNetwork(source.network, source.input, source.classes.length, source.weights);
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

class TfjsWriter {
  readonly nodes: NodeDef[];
  readonly manifest: ManifestEntry[] = [];
  private readonly numbers: (Float32Array | Int32Array)[] = [];

  constructor(input: Shape) {
    this.nodes = [placeholder('images', input)];
  }

  weight(name: string, { shape, torch }: GraphWeight): void {
    this.constant(name, shape, fromTorchLayout(torch, shape));
  }

  /** Takes pixels from 0 to 1; returns the name of the normalised images. */
  normalise({ mean, deviation }: ModelSource['normalisation']): string {
    this.constant('mean', [], Float32Array.of(mean));
    this.constant('deviation', [], Float32Array.of(deviation));
    this.add('images/centred', 'Sub', ['images', 'mean']);
    return this.add('images/normalised', 'RealDiv', ['images/centred', 'deviation']);
  }

  /** @param images what takes the place of the graph's input, if anything does */
  write(step: GraphNode, images: string | null): void {
    const inputs = step.inputs.map((name) => (name === 'images' ? (images ?? name) : name));
    const { name } = step;
    switch (step.kind) {
      case 'conv': {
        const product = step.bias === null ? name : `${name}/product`;
        const edges = [0, 0, step.padding, step.padding, step.padding, step.padding, 0, 0];
        this.add(product, 'Conv2D', [...inputs, step.kernel], {
          strides: attribute.integers([1, step.stride, step.stride, 1]),
          dilations: attribute.integers([1, 1, 1, 1]),
          padding: attribute.text(step.padding > 0 ? 'EXPLICIT' : 'VALID'),
          explicit_paddings: attribute.integers(step.padding > 0 ? edges : []),
          data_format: attribute.text('NHWC'),
        });
        if (step.bias !== null)
          this.add(name, 'BiasAdd', [product, step.bias], { data_format: attribute.text('NHWC') });
        return;
      }
      case 'batchNorm':
        this.add(name, 'FusedBatchNormV3', [...inputs, step.scale, step.offset, step.mean, step.variance], {
          U: attribute.float,
          epsilon: { f: batchNormEpsilon },
          data_format: attribute.text('NHWC'),
          is_training: { b: false },
        });
        return;
      case 'relu':
        this.add(name, 'Relu', inputs);
        return;
      case 'add':
        this.add(name, 'AddV2', inputs);
        return;
      case 'maxPool':
        this.add(name, 'MaxPool', inputs, {
          ksize: attribute.integers([1, step.size, step.size, 1]),
          strides: attribute.integers([1, step.stride, step.stride, 1]),
          padding: attribute.text('VALID'),
          data_format: attribute.text('NHWC'),
        });
        return;
      case 'globalAveragePool':
        this.constant(`${name}/axes`, [2], Int32Array.of(1, 2));
        this.add(name, 'Mean', [...inputs, `${name}/axes`], {
          Tidx: attribute.integer32,
          keep_dims: { b: false },
        });
        return;
      case 'dense':
        this.add(`${name}/product`, 'MatMul', [...inputs, step.kernel], {
          transpose_a: { b: false },
          transpose_b: { b: false },
        });
        this.add(name, 'BiasAdd', [`${name}/product`, step.bias], { data_format: attribute.text('NHWC') });
        return;
      case 'reshape':
        this.constant(`${name}/shape`, [step.shape.length + 1], Int32Array.of(-1, ...step.shape));
        this.add(name, 'Reshape', [...inputs, `${name}/shape`], { Tshape: attribute.integer32 });
        return;
    }
  }

  /** All numbers one after the other, little-endian, in the manifest's order. */
  weightBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(4 * this.numbers.reduce((sum, { length }) => sum + length, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const array of this.numbers) {
      const write = array instanceof Int32Array ? view.setInt32.bind(view) : view.setFloat32.bind(view);
      for (const number of array) {
        write(at, number, true);
        at += 4;
      }
    }
    return bytes;
  }

  private constant(name: string, shape: Shape, values: Float32Array | Int32Array): void {
    const dtype = values instanceof Int32Array ? 'int32' : 'float32';
    this.manifest.push({ name, shape, dtype });
    this.numbers.push(values);
    this.nodes.push(constant(name, shape, dtype));
  }

  private add(
    name: string,
    operator: string,
    inputs: readonly string[],
    attributes: NodeDef['attr'] = {},
  ): string {
    this.nodes.push(nodeDef(name, operator, inputs, { T: attribute.float, ...attributes }));
    return name;
  }
}
