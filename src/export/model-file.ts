/** A trained network as a file, converted from the safetensors bytes of a run. */
import { zipSync, type Zippable } from 'fflate';
import type { ExportedFile, ModelFormat } from './exported-file';
import { integerFile } from './integer-file';
import type { ModelOptions, ModelSource } from './model-source';
import { onnxModel } from './onnx/onnx';
import { tfjsModel } from './tfjs/tfjs';
import { isRounded } from '../nn/graph/emit';
import { parseNetworkName } from '../nn/network-names';
import { readSafetensors, readSafetensorsMetadata } from '../nn/safetensors';
import type { NamedArray } from '../nn/layouts';
import {
  aboutFromMetadata,
  memberPrefix,
  membersFromMetadata,
  writtenFromMetadata,
} from '../nn/weights-about';

/**
 * @param safetensors from `Run.weights`, with input shape and classes in its metadata
 * @param name of the file, without its extension
 * @throws Error with a sentence when the weights cannot be saved in this format
 */
export function modelFile(
  format: ModelFormat,
  safetensors: Uint8Array<ArrayBuffer>,
  who: Pick<ModelSource, 'learner' | 'run'>,
  options: ModelOptions,
  name: string,
): ExportedFile {
  if (format === 'safetensors') return file(`${name}.safetensors`, safetensors);
  if (format === 'integers') return file(`${name}-integers.safetensors`, integersOf(safetensors));
  const sources = sourcesOf(safetensors).map((source) => ({ ...source, ...who }));
  const [source] = sources;
  if (sources.length === 1 && source) {
    if (format === 'onnx') return file(`${name}.onnx`, onnxModel(source, options));
    return zipped(`${name}.tfjs.zip`, tfjsFiles(source, options));
  }
  // Networks that teach together: one folder (TensorFlow.js) or file (ONNX) each.
  const content: Zippable = {};
  sources.forEach((member, i) => {
    const called = `${i + 1}-${member.network}`;
    if (format === 'onnx') content[`${called}.onnx`] = [onnxModel(member, options), { level: 0 }];
    else content[called] = tfjsFiles(member, options);
  });
  return zipped(`${name}.${format}.zip`, content);
}

/** @throws Error with a sentence for a network in full precision */
function integersOf(safetensors: Uint8Array): Uint8Array<ArrayBuffer> {
  const metadata = readSafetensorsMetadata(safetensors);
  const written = writtenFromMetadata(metadata);
  if (!written || !isRounded(written))
    throw new Error('This network is in full precision, so it has no whole numbers. Save it as safetensors.');
  return integerFile(written, readSafetensors(safetensors), metadata);
}

function tfjsFiles(source: ModelSource, options: ModelOptions): Zippable {
  const model = tfjsModel(source, options);
  return {
    'model.json': new TextEncoder().encode(model['model.json']),
    'weights.bin': [model['weights.bin'], { level: 0 }],
    'README.md': new TextEncoder().encode(tfjsReadme(source, options)),
  };
}

function zipped(name: string, content: Zippable): ExportedFile {
  return file(name, zipSync(content) as Uint8Array<ArrayBuffer>, 'application/zip');
}

function file(name: string, bytes: Uint8Array<ArrayBuffer>, type = 'application/octet-stream'): ExportedFile {
  return { name, blob: new Blob([bytes], { type }) };
}

/** The network of a file, or the networks that teach together. @throws Error with a sentence */
export function sourcesOf(safetensors: Uint8Array): Omit<ModelSource, 'learner' | 'run'>[] {
  const metadata = readSafetensorsMetadata(safetensors);
  const { network, input, classes, normalisation, columns, fileColumns, targets } =
    aboutFromMetadata(metadata);
  const members = membersFromMetadata(metadata);
  const written = writtenFromMetadata(metadata);
  const names = members ?? (network ? [network] : []);
  if (!written && (names.length === 0 || names.some((name) => 'problem' in parseNetworkName(name))))
    throw new Error(
      'These weights do not say how their network is made: they were saved before this page wrote that down. Save them as safetensors, or run the recipe again.',
    );
  if (!input || !classes || !normalisation)
    throw new Error('These weights do not say what they read and answer. Save them as safetensors.');
  const weights = readSafetensors(safetensors);
  return names.map((name, i) => ({
    network: name,
    input,
    classes,
    normalisation,
    ...(columns ? { columns } : {}),
    ...(fileColumns ? { fileColumns } : {}),
    ...(targets ? { targets } : {}),
    weights: members ? ofMember(weights, i) : weights,
    ...(written ? { written } : {}),
  }));
}

function ofMember(weights: readonly NamedArray[], place: number): NamedArray[] {
  const prefix = memberPrefix(place);
  return weights
    .filter(({ name }) => name.startsWith(prefix))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length) }));
}

function tfjsReadme(source: ModelSource, { feed }: ModelOptions): string {
  const { input, network, normalisation, targets } = source;
  const isTable = input.length === 1;
  const name = isTable ? 'rows' : 'pixels';
  const numbers = (values: number | readonly number[]) => JSON.stringify(values);
  const { mean, deviation } = normalisation;
  const fed = feed === 'pixels' ? name : `${name}.sub(${numbers(mean)}).div(${numbers(deviation)})`;
  const shape = ['batch', ...input].join(', ');
  const about = isTable ? `[${shape}], columns as in the table` : `[${shape}], from 0 to 1`;
  const answers = targets
    ? targets.scale
      ? ['numbers', `model.predict(${fed})`]
      : ['probabilities', `tf.sigmoid(model.predict(${fed}))`]
    : ['probabilities', `tf.softmax(model.predict(${fed}))`];
  return `# ${network} for TensorFlow.js

    const model = await tf.loadGraphModel('model.json');
    // ${name}: ${about}
    const ${answers[0]} = ${answers[1]};

${targets ? 'Names, units' : 'Classes'}, mean and deviation stand in \`model.json\` under \`userDefinedMetadata\`${
    source.fileColumns ? ', and how a row of the table becomes these columns (`file_columns`)' : ''
  }. Keep \`weights.bin\` beside it.
`;
}
