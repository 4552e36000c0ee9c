/** Converts graph nodes to TensorFlow operators, with all constants in one block of bytes. */
import { fromTorchLayout } from '../../nn/layouts';
import { batchNormEpsilon, type ModelNode, type GraphWeight, type Shape } from '../../nn/graph/model-graph';
import type { TargetsAbout } from '../../nn/weights-about';
import type { ModelSource } from '../model-source';
import { attribute, constant, nodeDef, placeholder, type NodeDef } from './node-def';

type Conv = Extract<ModelNode, { kind: 'conv' }>;

const channelsLast = attribute.text('NHWC');

interface ManifestEntry {
  name: string;
  shape: Shape;
  dtype: 'float32' | 'int32';
}

/** Collects nodes and weights in the order of `write`. */
export class TfjsWriter {
  readonly nodes: NodeDef[];
  readonly manifest: ManifestEntry[] = [];
  private readonly numbers: (Float32Array | Int32Array)[] = [];

  constructor(name: string, input: Shape) {
    this.nodes = [placeholder(name, input)];
  }

  weight(name: string, { shape, torch }: GraphWeight): void {
    this.constant(name, shape, fromTorchLayout(torch, shape));
  }

  /** Takes pixels from 0 to 1, or columns; returns the name of the normalised ones. @param input of the model */
  normalise({ mean, deviation }: ModelSource['normalisation'], input: string): string {
    this.values('mean', mean);
    this.values('deviation', deviation);
    this.add(`${input}/centred`, 'Sub', [input, 'mean']);
    return this.add(`${input}/normalised`, 'RealDiv', [`${input}/centred`, 'deviation']);
  }

  /** Brings standardised numbers to their unit. */
  scale(from: string, { mean, deviation }: NonNullable<TargetsAbout['scale']>, output: string): void {
    this.values('target/mean', mean);
    this.values('target/deviation', deviation);
    this.add(`${output}/spread`, 'Mul', [from, 'target/deviation']);
    this.add(output, 'AddV2', [`${output}/spread`, 'target/mean']);
  }

  private values(name: string, values: number | readonly number[]): void {
    const list = Float32Array.from([values].flat());
    this.constant(name, typeof values === 'number' ? [] : [list.length], list);
  }

  /** @param images replaces the graph's input */
  write(step: ModelNode, images: string): void {
    const inputs = step.inputs.map((name) => (name === 'images' ? images : name));
    const { name } = step;
    switch (step.kind) {
      case 'conv': {
        const product = step.bias === null ? name : `${name}/product`;
        this.convolve(product, inputs[0]!, step);
        if (step.bias !== null)
          this.add(name, 'BiasAdd', [product, step.bias], { data_format: channelsLast });
        return;
      }
      case 'batchNorm':
        this.add(name, 'FusedBatchNormV3', [...inputs, step.scale, step.offset, step.mean, step.variance], {
          U: attribute.float,
          epsilon: { f: batchNormEpsilon },
          data_format: channelsLast,
          is_training: { b: false },
        });
        return;
      case 'relu':
        this.add(name, 'Relu', inputs);
        return;
      case 'roundedRelu': {
        const steps = this.number(`${name}/steps`, 2 ** step.bits - 1);
        const ends = [this.number(`${name}/low`, 0), this.number(`${name}/high`, 1)];
        this.add(`${name}/clipped`, 'ClipByValue', [...inputs, ...ends]);
        this.add(`${name}/raised`, 'Mul', [`${name}/clipped`, steps]);
        this.add(`${name}/whole`, 'Round', [`${name}/raised`]);
        this.add(name, 'RealDiv', [`${name}/whole`, steps]);
        return;
      }
      case 'clippedRelu': {
        const ends = [this.number(`${name}/low`, 0), this.number(`${name}/high`, step.limit)];
        this.add(name, 'ClipByValue', [...inputs, ...ends]);
        return;
      }
      case 'elu':
        this.add(name, 'Elu', inputs);
        return;
      case 'add':
        this.add(name, 'AddV2', inputs);
        return;
      case 'maxPool': {
        const { size, stride, padding } = step;
        const padded = padding ? this.pad(`${name}/padded`, inputs[0]!, padding) : inputs[0]!;
        this.add(name, 'MaxPool', [padded], {
          ksize: attribute.integers([1, size, size, 1]),
          strides: attribute.integers([1, stride, stride, 1]),
          padding: attribute.text('VALID'),
          data_format: channelsLast,
        });
        return;
      }
      case 'globalAveragePool':
        this.add(name, 'Mean', [...inputs, this.integers(`${name}/axes`, [1, 2])], {
          Tidx: attribute.integer32,
          keep_dims: { b: false },
        });
        return;
      case 'dense': {
        const product = step.bias === null ? name : `${name}/product`;
        this.add(product, 'MatMul', [...inputs, step.kernel], {
          transpose_a: { b: false },
          transpose_b: { b: false },
        });
        if (step.bias !== null)
          this.add(name, 'BiasAdd', [product, step.bias], { data_format: channelsLast });
        return;
      }
      case 'softmax':
        this.add(name, 'Softmax', inputs);
        return;
      case 'averagePool': {
        const { size, stride, padding } = step;
        // TensorFlow excludes padding from its means, so the zeros are added first.
        const padded = padding > 0 ? this.pad(`${name}/padded`, inputs[0]!, padding) : inputs[0]!;
        this.add(name, 'AvgPool', [padded], {
          ksize: attribute.integers([1, size, size, 1]),
          strides: attribute.integers([1, stride, stride, 1]),
          padding: attribute.text('VALID'),
          data_format: channelsLast,
        });
        return;
      }
      case 'concat':
        this.concat(name, inputs, step.shape.length);
        return;
      case 'slice': {
        const begin = [...step.shape.map(() => 0), step.start];
        const size = [-1, ...step.shape];
        this.add(name, 'Slice', [
          ...inputs,
          this.integers(`${name}/begin`, begin),
          this.integers(`${name}/size`, size),
        ]);
        return;
      }
      case 'shuffle': {
        const channels = step.shape.at(-1)!;
        this.reshape(`${name}/grouped`, inputs[0]!, [-1, step.groups, channels / step.groups]);
        const turn = this.integers(`${name}/turn`, [0, 2, 1]);
        this.add(`${name}/turned`, 'Transpose', [`${name}/grouped`, turn], { Tperm: attribute.integer32 });
        this.reshape(name, `${name}/turned`, [-1, ...step.shape]);
        return;
      }
      case 'reshape':
        this.reshape(name, inputs[0]!, [-1, ...step.shape]);
        return;
    }
  }

  /** All weights concatenated, little-endian, in the manifest's order. */
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

  /** A convolution without bias. TensorFlow has no grouped convolution except depthwise. */
  private convolve(name: string, input: string, step: Conv): void {
    const { kernel, stride, padding, groups, shape } = step;
    const edges = [0, 0, padding, padding, padding, padding, 0, 0];
    const attributes = {
      strides: attribute.integers([1, stride, stride, 1]),
      dilations: attribute.integers([1, 1, 1, 1]),
      padding: attribute.text(padding > 0 ? 'EXPLICIT' : 'VALID'),
      explicit_paddings: attribute.integers(padding > 0 ? edges : []),
      data_format: channelsLast,
    };
    if (groups === 1) {
      this.add(name, 'Conv2D', [input, kernel], attributes);
      return;
    }
    if (groups === shape.at(-1)) {
      // [k,k,1,C] here and [k,k,C,1] in TensorFlow: the numbers have the same order.
      const { size } = step;
      this.reshape(`${name}/filter`, kernel, [size, size, groups, 1]);
      this.add(name, 'DepthwiseConv2dNative', [input, `${name}/filter`], attributes);
      return;
    }
    const cut = (what: string, whole: string) => {
      const axis = this.constant(`${name}/${what}/axis`, [], Int32Array.of(3));
      this.add(`${name}/${what}`, 'Split', [axis, whole], { num_split: { i: String(groups) } });
      return Array.from({ length: groups }, (_, g) => `${name}/${what}${g > 0 ? `:${g}` : ''}`);
    };
    const [parts, filters] = [cut('channels', input), cut('filters', kernel)];
    const products = parts.map((part, g) =>
      this.add(`${name}/group${g}`, 'Conv2D', [part, filters[g]!], attributes),
    );
    this.concat(name, products, shape.length);
  }

  private concat(name: string, inputs: readonly string[], axis: number): void {
    const last = this.constant(`${name}/axis`, [], Int32Array.of(axis));
    this.add(name, 'ConcatV2', [...inputs, last], {
      N: { i: String(inputs.length) },
      Tidx: attribute.integer32,
    });
  }

  private pad(name: string, input: string, padding: number): string {
    const edges = Int32Array.of(0, 0, padding, padding, padding, padding, 0, 0);
    const paddings = this.constant(`${name}/edges`, [4, 2], edges);
    return this.add(name, 'Pad', [input, paddings], { Tpaddings: attribute.integer32 });
  }

  private reshape(name: string, input: string, shape: Shape): void {
    const wanted = this.integers(`${name}/shape`, shape);
    this.add(name, 'Reshape', [input, wanted], { Tshape: attribute.integer32 });
  }

  private number(name: string, value: number): string {
    return this.constant(name, [], Float32Array.of(value));
  }

  private integers(name: string, values: readonly number[]): string {
    return this.constant(name, [values.length], Int32Array.from(values));
  }

  private constant(name: string, shape: Shape, values: Float32Array | Int32Array): string {
    const dtype = values instanceof Int32Array ? 'int32' : 'float32';
    this.manifest.push({ name, shape, dtype });
    this.numbers.push(values);
    this.nodes.push(constant(name, shape, dtype));
    return name;
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
