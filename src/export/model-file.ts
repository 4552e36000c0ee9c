/** A trained network as a file, from the safetensors bytes that a run hands out. */
import { zipSync, type Zippable } from 'fflate';
import type { ExportedFile, ModelFormat } from './files';
import type { ModelOptions, ModelSource } from './model-source';
import { onnxModel } from './onnx/onnx';
import { tfjsModel } from './tfjs/tfjs';
import { parseNetworkName } from '../nn/names';
import { readSafetensors, readSafetensorsMetadata } from '../nn/safetensors';
import { aboutFromMetadata } from '../nn/weights-about';

/**
 * @param safetensors of `Run.weights`: with what the network reads and answers in its metadata
 * @param name of the file, without its ending
 * @throws Error with a sentence when the weights cannot leave in this format
 */
export function modelFile(
  format: ModelFormat,
  safetensors: Uint8Array<ArrayBuffer>,
  who: Pick<ModelSource, 'learner' | 'run'>,
  options: ModelOptions,
  name: string,
): ExportedFile {
  if (format === 'safetensors') return file(`${name}.safetensors`, safetensors);
  const source = { ...sourceOf(safetensors), ...who };
  if (format === 'onnx') return file(`${name}.onnx`, onnxModel(source, options));
  const model = tfjsModel(source, options);
  const content: Zippable = {
    'model.json': new TextEncoder().encode(model['model.json']),
    'weights.bin': [model['weights.bin'], { level: 0 }],
    'README.md': new TextEncoder().encode(tfjsReadme(source, options)),
  };
  return file(`${name}.tfjs.zip`, zipSync(content) as Uint8Array<ArrayBuffer>, 'application/zip');
}

function file(name: string, bytes: Uint8Array<ArrayBuffer>, type = 'application/octet-stream'): ExportedFile {
  return { name, blob: new Blob([bytes], { type }) };
}

function sourceOf(safetensors: Uint8Array): Omit<ModelSource, 'learner' | 'run'> {
  const { network, input, classes, normalisation } = aboutFromMetadata(readSafetensorsMetadata(safetensors));
  if (!network || 'problem' in parseNetworkName(network))
    throw new Error(
      'This teacher is several networks in one, which only safetensors can hold. Choose that format.',
    );
  if (!input || !classes || !normalisation)
    throw new Error('These weights do not say what they read and answer. Save them as safetensors.');
  return { network, input, classes, normalisation, weights: readSafetensors(safetensors) };
}

function tfjsReadme({ input, network, normalisation }: ModelSource, { feed }: ModelOptions): string {
  const [height, width, channels] = input;
  const { mean, deviation } = normalisation;
  const pixels = feed === 'pixels' ? 'pixels' : `pixels.sub(${mean}).div(${deviation})`;
  return `# ${network} for TensorFlow.js

    const model = await tf.loadGraphModel('model.json');
    // pixels: [batch, ${height}, ${width}, ${channels}], from 0 to 1
    const probabilities = tf.softmax(model.predict(${pixels}));

Classes, mean and deviation stand in \`model.json\` under \`userDefinedMetadata\`. Keep \`weights.bin\` beside it.
`;
}
