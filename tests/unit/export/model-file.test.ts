import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { modelFile } from '../../../src/export/model-file';
import { onnxModel } from '../../../src/export/onnx/onnx';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import {
  aboutToMetadata,
  memberPrefix,
  membersToMetadata,
  writtenFromMetadata,
  writtenToMetadata,
} from '../../../src/nn/weights-about';
import { graphOf } from '../../../src/nn/graph/emit';
import { inRoundedForm, randomSource } from './models';

const source = randomSource('cnn-4-8', [8, 8, 1], 3);
const safetensors = writeSafetensors(
  source.weights,
  aboutToMetadata({ ...source, classes: [...source.classes], input: [8, 8, 1] }),
);
const options = { foldBatchNorm: true, feed: 'pixels' } as const;
const who = { learner: 'teacher', run: 'Night & day' };

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

test('safetensors leave as they are', async () => {
  const { name, blob } = modelFile('safetensors', safetensors, who, options, 'x');
  expect(name).toBe('x.safetensors');
  expect(await bytesOf(blob)).toEqual(safetensors);
});

test('an ONNX file names the run, the learner and what it is fed', async () => {
  const { name, blob } = modelFile('onnx', safetensors, who, options, 'x');
  expect(name).toBe('x.onnx');
  const text = new TextDecoder().decode(await bytesOf(blob));
  for (const part of ['cnn-4-8', 'Night & day', 'teacher', 'class 2', 'pixels from 0 to 1', 'NCHW'])
    expect(text).toContain(part);
});

test('a TensorFlow.js model is a zip that says how to use it', async () => {
  const { name, blob } = modelFile('tfjs', safetensors, who, { ...options, feed: 'normalised' }, 'x');
  expect(name).toBe('x.tfjs.zip');
  const files = unzipSync(await bytesOf(blob));
  expect(Object.keys(files).sort()).toEqual(['README.md', 'model.json', 'weights.bin']);
  expect(new TextDecoder().decode(files['README.md'])).toContain('pixels.sub(0.4).div(0.3)');
});

test('weights that are no network of a name, or say too little, are refused with a sentence', () => {
  const named = (network: string) => writeSafetensors(source.weights, { network });
  expect(() => modelFile('onnx', named('3 specialists'), who, options, 'x')).toThrow(
    'do not say how their network is made',
  );
  expect(() => modelFile('onnx', named('cnn-4-8'), who, options, 'x')).toThrow('do not say what they read');
});

test('networks that teach together leave one by one, in one zip, with the weights of each', async () => {
  const second = randomSource('mlp-8', [8, 8, 1], 3);
  const members = [source, second];
  const bytes = writeSafetensors(
    members.flatMap(({ weights }, i) =>
      weights.map((array) => ({ ...array, name: memberPrefix(i) + array.name })),
    ),
    {
      ...aboutToMetadata({ ...source, network: 'both', classes: [...source.classes], input: [8, 8, 1] }),
      ...membersToMetadata(members.map(({ network }) => network)),
    },
  );
  const onnx = modelFile('onnx', bytes, who, options, 'x');
  expect(onnx.name).toBe('x.onnx.zip');
  const files = unzipSync(await bytesOf(onnx.blob));
  for (const [i, member] of members.entries())
    expect(files[`${i + 1}-${member.network}.onnx`]).toEqual(onnxModel({ ...member, ...who }, options));
  const tfjs = modelFile('tfjs', bytes, who, options, 'x');
  const paths = Object.keys(unzipSync(await bytesOf(tfjs.blob))).filter((path) => !path.endsWith('/'));
  expect(paths.toSorted()).toEqual(
    members.flatMap(({ network }, i) =>
      ['README.md', 'model.json', 'weights.bin'].map((name) => `${i + 1}-${network}/${name}`),
    ),
  );
});

test.each([
  ['scaled', 3, 'I8'],
  ['wrpn', 4, 'I8'],
  ['dorefa', 8, 'I16'],
] as const)(
  'a student of %s weights leaves as whole numbers that compute the same',
  async (rule, weights, type) => {
    const low = inRoundedForm(source, { weights, activations: 4, rule, exempt: false });
    const about = aboutToMetadata({ ...low, classes: [...low.classes], input: [8, 8, 1] });
    const trained = writeSafetensors(low.weights, { ...about, ...writtenToMetadata(low.written!) });
    const { name, blob } = modelFile('integers', trained, who, options, 'x');
    expect(name).toBe('x-integers.safetensors');
    const bytes = await bytesOf(blob);
    expect(new TextDecoder().decode(bytes)).toContain(`.integers":{"dtype":"${type}"`);
    expect(bytes.length).toBeLessThan(trained.length);
    const written = writtenFromMetadata(readSafetensorsMetadata(bytes))!;
    const there = graphOf(written, readSafetensors(bytes));
    for (const [kernel, { torch }] of graphOf(low.written!, low.weights).weights)
      there.weights.get(kernel)!.torch.forEach((value, i) => expect(value).toBeCloseTo(torch[i]!, 6));
    const bits = (nodes: typeof written.nodes) => nodes.filter(({ kind }) => kind === 'roundedRelu');
    expect(bits(written.nodes)).toEqual(bits(low.written!.nodes));
  },
);

test('a network in full precision has no whole numbers', () => {
  expect(() => modelFile('integers', safetensors, who, options, 'x')).toThrow('is in full precision');
});
