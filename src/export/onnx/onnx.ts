/** A network as an ONNX file: images [batch,C,H,W] in, logits [batch,classes] out. */
import { torchShape } from '../../nn/layouts';
import { graphOfNetwork } from '../graph/emit';
import { foldBatchNorms } from '../graph/fold';
import { batchNormEpsilon, shapeOf, type GraphNode, type ModelGraph, type Shape } from '../graph/graph';
import { modelFacts, type ModelOptions, type ModelSource } from '../model-source';
import { floatTensor, integerTensor, model, node, opset, value } from './proto';
import type { Message } from './protobuf';

/**
 * The file's bytes. Weights keep PyTorch's names and layouts; network, classes, mean, deviation and what is to be fed
 * stand in the metadata.
 * @throws Error with a sentence when the weights are not the network's
 */
export function onnxModel(source: ModelSource, options: ModelOptions): Uint8Array<ArrayBuffer> {
  const plain = graphOfNetwork(source.network, source.input, source.classes.length, source.weights);
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

/** [H,W,C] -> [C,H,W]; vectors stay. */
function channelsFirst(shape: Shape): Shape {
  return shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape;
}

class OnnxWriter {
  readonly nodes: Message[] = [];
  readonly weights: Message[] = [];
  private readonly graph: ModelGraph;

  constructor(graph: ModelGraph) {
    this.graph = graph;
    for (const [name, { shape, torch }] of graph.weights)
      this.weights.push(floatTensor(name, torchShape(shape), torch));
  }

  /** Takes pixels from 0 to 1; returns the name of the normalised images. */
  normalise({ mean, deviation }: ModelSource['normalisation']): string {
    this.weights.push(floatTensor('mean', [1], Float32Array.of(mean)));
    this.weights.push(floatTensor('deviation', [1], Float32Array.of(deviation)));
    this.nodes.push(node('Sub', ['images', 'mean'], 'images/centred'));
    this.nodes.push(node('Div', ['images/centred', 'deviation'], 'images/normalised'));
    return 'images/normalised';
  }

  /** @param images what takes the place of the graph's input, if anything does */
  write(step: GraphNode, images: string | null): void {
    const inputs = step.inputs.map((name) => (name === 'images' ? (images ?? name) : name));
    const { name } = step;
    switch (step.kind) {
      case 'conv': {
        const { kernel, bias, size, stride, padding } = step;
        this.add('Conv', [...inputs, kernel, ...(bias === null ? [] : [bias])], name, {
          kernel_shape: { ints: [size, size] },
          strides: { ints: [stride, stride] },
          pads: { ints: [padding, padding, padding, padding] },
        });
        return;
      }
      case 'batchNorm': {
        const { scale, offset, mean, variance } = step;
        this.add('BatchNormalization', [...inputs, scale, offset, mean, variance], name, {
          epsilon: { float: batchNormEpsilon },
        });
        return;
      }
      case 'relu':
        this.add('Relu', inputs, name);
        return;
      case 'add':
        this.add('Add', inputs, name);
        return;
      case 'maxPool':
        this.add('MaxPool', inputs, name, {
          kernel_shape: { ints: [step.size, step.size] },
          strides: { ints: [step.stride, step.stride] },
        });
        return;
      case 'globalAveragePool':
        this.add('GlobalAveragePool', inputs, `${name}/map`);
        this.add('Flatten', [`${name}/map`], name);
        return;
      case 'dense':
        this.add('Gemm', [...inputs, step.kernel, step.bias], name, { transB: { int: 1 } });
        return;
      case 'reshape': {
        let input = inputs[0]!;
        const [height, width, channels] = shapeOf(this.graph, step.inputs[0]);
        if (channels !== undefined && channels > 1 && height! * width! > 1) {
          // The network reads its numbers in [H,W,C] order, whatever the order here.
          this.add('Transpose', [input], `${name}/channels-last`, { perm: { ints: [0, 2, 3, 1] } });
          input = `${name}/channels-last`;
        }
        this.weights.push(integerTensor(`${name}/shape`, [-1, ...channelsFirst(step.shape)]));
        this.add('Reshape', [input, `${name}/shape`], name);
        return;
      }
    }
  }

  private add(...parts: Parameters<typeof node>): void {
    this.nodes.push(node(...parts));
  }
}
