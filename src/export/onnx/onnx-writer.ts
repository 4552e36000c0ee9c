/** Converts graph nodes to ONNX operators. Maps are [B,C,H,W] in ONNX and [B,H,W,C] in the graph. */
import { torchShape } from '../../nn/layouts';
import {
  batchNormEpsilon,
  shapeOf,
  weightsOf,
  type ModelNode,
  type ModelGraph,
  type Shape,
} from '../../nn/graph/model-graph';
import type { TargetsAbout } from '../../nn/weights-about';
import type { KernelScale, Quantisation } from '../graph/quantise';
import type { ModelSource } from '../model-source';
import type { IntegerWeights } from '../../nn/graph/integer-weights';
import {
  byteTensor,
  castToFloat,
  floatTensor,
  int32Tensor,
  integerTensor,
  node,
  smallIntegerTensor,
} from './proto';
import type { Message } from './protobuf';

/** [H,W,C] -> [C,H,W]; vectors are unchanged. */
export function channelsFirst(shape: Shape): Shape {
  return shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape;
}

/** Collects nodes and weights in the order of `write`. */
export class OnnxWriter {
  readonly nodes: Message[] = [];
  readonly weights: Message[] = [];
  private readonly graph: ModelGraph;
  private readonly quantisation: Quantisation | null;

  /** @param quantisation to eight bits; null for float */
  constructor(graph: ModelGraph, quantisation: Quantisation | null = null) {
    this.graph = graph;
    this.quantisation = quantisation;
    for (const [name, { shape, torch, integers }] of graph.weights)
      if (quantisation?.kernels.has(name))
        this.kernel(name, torchShape(shape), quantisation.kernels.get(name)!);
      else if (quantisation?.biases.has(name)) this.bias(name, quantisation.biases.get(name)!);
      else if (integers) this.integers(name, torchShape(shape), integers);
      else this.weights.push(floatTensor(name, torchShape(shape), torch));
  }

  /** A kernel in low precision: whole numbers, and the nodes that multiply them by their step. */
  private integers(name: string, shape: readonly number[], { integers, step }: IntegerWeights): void {
    this.weights.push(smallIntegerTensor(`${name}/integers`, shape, integers));
    this.numbers(`${name}/step`, step);
    this.add('Cast', [`${name}/integers`], `${name}/whole`, { to: { int: castToFloat } });
    this.add('Mul', [`${name}/whole`, `${name}/step`], name);
  }

  private kernel(name: string, shape: readonly number[], { integers, scales, axis }: KernelScale): void {
    const sides = axis === null ? [] : [scales.length];
    this.weights.push(
      byteTensor(`${name}/int8`, shape, integers),
      floatTensor(`${name}/scale`, sides, scales),
      byteTensor(`${name}/zero`, sides, new Int8Array(scales.length)),
    );
    const inputs = [`${name}/int8`, `${name}/scale`, `${name}/zero`];
    this.add('DequantizeLinear', inputs, name, axis === null ? {} : { axis: { int: axis } });
  }

  private bias(name: string, { integers, scales }: { integers: Int32Array; scales: Float32Array }): void {
    this.weights.push(
      int32Tensor(`${name}/int32`, [integers.length], integers),
      floatTensor(`${name}/scale`, [scales.length], scales),
    );
    this.add('DequantizeLinear', [`${name}/int32`, `${name}/scale`], name, { axis: { int: 0 } });
  }

  /** Rounds a value to eight bits where it is to be; its readers take what comes of it. @param as its name in the file */
  private round(name: string, as: string): void {
    const scale = this.quantisation?.values.get(name);
    if (!scale) return;
    this.scalar(`${name}/scale`, scale.scale);
    this.weights.push(byteTensor(`${name}/zero`, [], Uint8Array.of(scale.zero)));
    const with8 = [`${name}/scale`, `${name}/zero`];
    this.add('QuantizeLinear', [as, ...with8], `${name}/uint8`);
    this.add('DequantizeLinear', [`${name}/uint8`, ...with8], `${name}/rounded`);
  }

  /** Before the first node. @param images name of the graph's input in the file */
  begin(images: string): void {
    this.round(this.graph.input.name, images);
  }

  /** Takes pixels from 0 to 1, or columns; returns the name of the normalised ones. @param input of the model */
  normalise({ mean, deviation }: ModelSource['normalisation'], input: string): string {
    this.numbers('mean', mean);
    this.numbers('deviation', deviation);
    this.nodes.push(node('Sub', [input, 'mean'], `${input}/centred`));
    this.nodes.push(node('Div', [`${input}/centred`, 'deviation'], `${input}/normalised`));
    return `${input}/normalised`;
  }

  /** Brings standardised numbers to their unit. */
  scale(from: string, { mean, deviation }: NonNullable<TargetsAbout['scale']>, output: string): void {
    this.numbers('target/mean', mean);
    this.numbers('target/deviation', deviation);
    this.nodes.push(node('Mul', [from, 'target/deviation'], `${output}/spread`));
    this.nodes.push(node('Add', [`${output}/spread`, 'target/mean'], output));
  }

  private numbers(name: string, values: number | readonly number[]): void {
    const list = Float32Array.from([values].flat());
    this.weights.push(floatTensor(name, [list.length], list));
  }

  private scalar(name: string, value: number): void {
    this.weights.push(floatTensor(name, [], Float32Array.of(value)));
  }

  /** @param images replaces the graph's input */
  write(step: ModelNode, images: string): void {
    this.writeNode(step, images);
    this.round(step.name, step.name);
  }

  private writeNode(step: ModelNode, images: string): void {
    const inputs = step.inputs.map((name) => {
      if (this.quantisation?.values.has(name)) return `${name}/rounded`;
      return name === 'images' ? images : name;
    });
    const { name } = step;
    switch (step.kind) {
      case 'conv': {
        const { size, stride, padding, groups } = step;
        this.add('Conv', [...inputs, ...weightsOf(step)], name, {
          kernel_shape: { ints: [size, size] },
          strides: { ints: [stride, stride] },
          pads: { ints: [padding, padding, padding, padding] },
          group: { int: groups },
        });
        return;
      }
      case 'batchNorm': {
        this.add('BatchNormalization', [...inputs, ...weightsOf(step)], name, {
          epsilon: { float: batchNormEpsilon },
        });
        return;
      }
      case 'relu':
        this.add('Relu', inputs, name);
        return;
      case 'roundedRelu': {
        const steps = 2 ** step.bits - 1;
        this.scalar(`${name}/low`, 0);
        this.scalar(`${name}/high`, 1);
        this.scalar(`${name}/steps`, steps);
        this.add('Clip', [...inputs, `${name}/low`, `${name}/high`], `${name}/clipped`);
        this.add('Mul', [`${name}/clipped`, `${name}/steps`], `${name}/raised`);
        this.add('Round', [`${name}/raised`], `${name}/whole`);
        this.add('Div', [`${name}/whole`, `${name}/steps`], name);
        return;
      }
      case 'clippedRelu':
        this.scalar(`${name}/low`, 0);
        this.scalar(`${name}/high`, step.limit);
        this.add('Clip', [...inputs, `${name}/low`, `${name}/high`], name);
        return;
      case 'elu':
        this.add('Elu', inputs, name);
        return;
      case 'add':
        this.add('Add', inputs, name);
        return;
      case 'maxPool': {
        const { size, stride, padding } = step;
        this.add('MaxPool', inputs, name, {
          kernel_shape: { ints: [size, size] },
          strides: { ints: [stride, stride] },
          ...(padding ? { pads: { ints: [padding, padding, padding, padding] } } : {}),
        });
        return;
      }
      case 'averagePool': {
        const { size, stride, padding } = step;
        this.add('AveragePool', inputs, name, {
          kernel_shape: { ints: [size, size] },
          strides: { ints: [stride, stride] },
          pads: { ints: [padding, padding, padding, padding] },
          count_include_pad: { int: 1 },
        });
        return;
      }
      case 'concat':
        this.add('Concat', inputs, name, { axis: { int: 1 } });
        return;
      case 'slice': {
        const integers = (what: string, value: number) => {
          this.weights.push(integerTensor(`${name}/${what}`, [value]));
          return `${name}/${what}`;
        };
        const end = step.start + step.shape.at(-1)!;
        this.add(
          'Slice',
          [...inputs, integers('start', step.start), integers('end', end), integers('axis', 1)],
          name,
        );
        return;
      }
      case 'shuffle': {
        const [channels, ...sides] = channelsFirst(step.shape);
        const grouped = [-1, step.groups, channels! / step.groups, ...sides];
        this.reshape(inputs[0]!, grouped, `${name}/grouped`);
        this.add('Transpose', [`${name}/grouped`], `${name}/turned`, { perm: { ints: [0, 2, 1, 3, 4] } });
        this.reshape(`${name}/turned`, [-1, channels!, ...sides], name);
        return;
      }
      case 'softmax':
        this.add('Softmax', inputs, name, { axis: { int: 1 } });
        return;
      case 'globalAveragePool':
        this.add('GlobalAveragePool', inputs, `${name}/map`);
        this.add('Flatten', [`${name}/map`], name);
        return;
      case 'dense':
        this.add('Gemm', [...inputs, ...weightsOf(step)], name, { transB: { int: 1 } });
        return;
      case 'reshape': {
        let input = inputs[0]!;
        const [height, width, channels] = shapeOf(this.graph, step.inputs[0]);
        if (channels !== undefined && channels > 1 && height! * width! > 1) {
          // The network flattens in [H,W,C] order, so the map is transposed first.
          this.add('Transpose', [input], `${name}/channels-last`, { perm: { ints: [0, 2, 3, 1] } });
          input = `${name}/channels-last`;
        }
        this.reshape(input, [-1, ...channelsFirst(step.shape)], name);
        return;
      }
    }
  }

  private reshape(input: string, shape: Shape, name: string): void {
    this.weights.push(integerTensor(`${name}/shape`, shape));
    this.add('Reshape', [input, `${name}/shape`], name);
  }

  private add(...parts: Parameters<typeof node>): void {
    this.nodes.push(node(...parts));
  }
}
