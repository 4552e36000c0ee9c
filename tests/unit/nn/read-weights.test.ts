import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { bundledTeachers } from '../../../src/distill/teachers/single/about';
import { tfjsModel } from '../../../src/export/tfjs/tfjs';
import type { NamedArray } from '../../../src/nn/layouts';
import { writeSafetensors } from '../../../src/nn/safetensors';
import { writeNetwork } from '../../../src/nn/graph/emit';
import { aboutToMetadata, writtenToMetadata } from '../../../src/nn/weights-about';
import { readForeignModel, readForeignNetwork, withoutAnswers } from '../../../src/nn/read-weights';
import saved from '../torch-file/saved.json';
import { torchCheckpoint } from '../../support/torch-checkpoint';
import { randomSource } from '../export/models';

const bytesOf = (name: keyof typeof saved) => Uint8Array.from(Buffer.from(saved[name], 'base64'));

const wanted = { input: [8, 8, 1], classes: 10 } as const;

/** Names, shapes and every bit of the numbers; comparing millions of numbers one by one takes half a minute. */
function summary(arrays: readonly NamedArray[]): string[] {
  return arrays
    .map(
      ({ name, shape, data }) => `${name} ${shape.join()} ${createHash('sha256').update(data).digest('hex')}`,
    )
    .sort();
}

test('a file of the page is read with the normalisation it names', () => {
  const source = randomSource('resnet8', [8, 8, 1]);
  const about = { ...source, classes: [...source.classes], input: [...source.input] as [8, 8, 1] };
  const bytes = writeSafetensors(source.weights, aboutToMetadata(about));
  expect(readForeignNetwork([{ path: 'x/student.safetensors', bytes }], wanted)).toEqual({
    network: 'resnet8',
    outputs: 10,
    weights: source.weights,
    others: [],
    classes: source.classes,
    normalisation: { mean: 0.4, deviation: 0.3 },
    notes: [],
  });
});

test('a file of the reference code is read', () => {
  const { weights } = randomSource('wrn_16_1', [8, 8, 1]);
  const wrapped = weights.map((entry) => ({ ...entry, name: `module.${entry.name}` }));
  const found = readForeignNetwork([{ path: 'wrn.safetensors', bytes: writeSafetensors(wrapped) }], wanted);
  expect(found.network).toBe('wrn_16_1');
  expect(found.weights).toEqual(weights);
  expect(found.normalisation).toBeNull();
  expect(found.notes).toEqual([]);
});

test.each([undefined, 'state_dict', 'model_ema'])(
  'a checkpoint of PyTorch is read, wrapped in %s',
  (wrapper) => {
    const { weights } = randomSource('resnet8', [8, 8, 1]);
    const named = weights.map((entry) => ({ ...entry, name: `module.${entry.name}` }));
    const found = readForeignNetwork(
      [{ path: 'best.pth.tar', bytes: torchCheckpoint(named, wrapper) }],
      wanted,
    );
    expect(found.network).toBe('resnet8');
    expect(summary(found.weights)).toEqual(summary(weights));
    expect(found.notes).toHaveLength(wrapper === 'model_ema' ? 1 : 0);
  },
);

test('a network of other classes is read with its own outputs, and can be taken without its answers', () => {
  const { weights } = randomSource('resnet8', [8, 8, 3]);
  const other = { input: [8, 8, 3], classes: 4 } as const;
  const files = [
    { path: 'a.pth', bytes: torchCheckpoint(weights.map((own) => ({ ...own, name: `module.${own.name}` }))) },
  ];
  const found = readForeignNetwork(files, other);
  expect(found).toMatchObject({ network: 'resnet8', outputs: 10 });
  const silent = withoutAnswers(found, other);
  const last = silent.filter(({ name }) => name.startsWith('fc.'));
  expect(last.map(({ shape }) => shape)).toEqual([[4, 64], [4]]);
  expect(last.every(({ data }) => data.every((value) => value === 0))).toBe(true);
  expect(silent.filter(({ name }) => !name.startsWith('fc.'))).toEqual(
    found.weights.filter(({ name }) => !name.startsWith('fc.')),
  );
  const chosen = { network: 'resnet8', normalisation: { mean: 0, deviation: 1 } };
  expect(() => readForeignNetwork(files, other, chosen)).toThrow(
    'for 10 classes, but the data set has 4. Choose the file again',
  );
});

test('counters in half precision and other names of the last layer are no hindrance', () => {
  const { weights } = randomSource('resnet8', [8, 8, 1]);
  const renamed = [
    ...weights.map((entry) => ({ ...entry, name: entry.name.replace(/^fc\./, 'linear.') })),
    { name: 'bn1.num_batches_tracked', shape: [], data: Float32Array.of(7) },
  ];
  const found = readForeignNetwork([{ path: 'a.safetensors', bytes: writeSafetensors(renamed) }], wanted);
  expect(found.network).toBe('resnet8');
  expect(summary(found.weights)).toEqual(summary(weights));
});

test('a model by another name, in a zip with what macOS adds, is found', () => {
  const { bytes } = tfjsFile(false, (json) => ({ ...json, userDefinedMetadata: {} }));
  const weights = new Uint8Array(424);
  const junk = Uint8Array.of(0, 5, 22, 7);
  const zip = zipSync({
    '__MACOSX/._teacher.json': junk,
    '__MACOSX/._teacher.safetensors': junk,
    'teacher.json': bytes,
    'weights.bin': weights,
  });
  expect(readForeignModel([{ path: 'a.zip', bytes: zip }])?.weights).toEqual(weights);
});

test('a model of this page that was quantised since is run as it is', () => {
  const quantised = tfjsFile(false, (json) => {
    const [group] = json['weightsManifest'] as { weights: object[] }[];
    const weights = group!.weights.map((entry) => ({
      ...entry,
      quantization: { dtype: 'uint8', scale: 1, min: 0, original_dtype: 'float32' },
    }));
    return { ...json, weightsManifest: [{ ...group, weights }] };
  });
  const weights = { path: 'weights.bin', bytes: new Uint8Array(424 / 4) };
  expect(readForeignModel([quantised, weights])?.weights).toHaveLength(424 / 4);
});

test.each(['resnet8', 'ShuffleV1', 'MobileNetV2', 'mlp-16'])(
  'a TensorFlow.js model of %s that the page has saved comes back number by number',
  (network) => {
    const source = randomSource(network, [8, 8, 1]);
    const files = tfjsModel(source, { foldBatchNorm: false, feed: 'pixels' });
    const model = new TextEncoder().encode(files['model.json']);
    const zip = zipSync({ 'a/model.json': model, 'a/weights.bin': files['weights.bin'] }, { level: 0 });
    for (const given of [
      [{ path: 'model.zip', bytes: zip }],
      [
        { path: 'model.json', bytes: model },
        { path: 'weights.bin', bytes: files['weights.bin'] },
      ],
    ]) {
      const found = readForeignNetwork(given, wanted);
      expect(found.network).toBe(network);
      expect(summary(found.weights)).toEqual(summary(source.weights));
      expect(found.normalisation).toEqual({ mean: 0.4, deviation: 0.3 });
    }
  },
);

test('the teachers that ship with the page are recognised', async () => {
  for (const [id, { input, classes, network }] of Object.entries(bundledTeachers)) {
    const bytes = await readFile(new URL(`../../../public/teachers/${id}.safetensors`, import.meta.url));
    const found = readForeignNetwork([{ path: `${id}.safetensors`, bytes }], { input, classes });
    expect(found.network).toBe(network);
  }
});

function tfjsFile(
  foldBatchNorm: boolean,
  change: (json: Record<string, unknown>) => object = (json) => json,
) {
  const files = tfjsModel(randomSource('cnn-4', [8, 8, 1]), { foldBatchNorm, feed: 'pixels' });
  const json = change(JSON.parse(files['model.json']) as Record<string, unknown>);
  return { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) };
}

const checkpoint = zipSync({ 'archive/data.pkl': new Uint8Array(3), 'archive/data/0': new Uint8Array(3) });

test.each([
  ['nothing', [], 'There is no file to read.'],
  ['a damaged checkpoint', [{ path: 'best.pth', bytes: checkpoint }], '“best.pth” is damaged'],
  ['a damaged checkpoint by any name', [{ path: 'best', bytes: checkpoint }], '“best” is damaged'],
  [
    'a pickled module',
    [{ path: 'best.pth', bytes: bytesOf('module') }],
    'nothing in it is ever called. In Python: model = torch.load("best.pth", weights_only=False); safetensors.torch.save_file',
  ],
  ['an ONNX file', [{ path: 'a/b.onnx', bytes: new Uint8Array(9) }], '“b.onnx” is an ONNX model'],
  [
    'a Keras file',
    [{ path: 'a/b.h5', bytes: new Uint8Array(9) }],
    'Convert it with TensorFlow’s tensorflowjs_converter',
  ],
  ['a picture', [{ path: 'cat.jpg', bytes: new Uint8Array(9) }], '“cat.jpg” is not a file of weights'],
  [
    'a broken zip',
    [{ path: 'b.zip', bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 0) }],
    'cannot be read; it may be cut off',
  ],
  [
    'numbers without their model',
    [{ path: 'group1-shard1of2.bin', bytes: new Uint8Array(9) }],
    'without its model.json',
  ],
  [
    'several networks in one body',
    [
      {
        path: 'a.safetensors',
        bytes: writeSafetensors(randomSource('cnn-4', [8, 8, 1]).weights, {
          network: '3 specialists',
          ...writtenToMetadata(writeNetwork('cnn-4', [8, 8, 1], 10)),
        }),
      },
    ],
    'holds 3 specialists, several networks in one body',
  ],
  [
    'a model without its numbers',
    [tfjsFile(false)],
    'The model needs the file “weights.bin” beside model.json.',
  ],
  ['a model.json of something else', [{ path: 'model.json', bytes: new Uint8Array(2) }], 'cannot be read'],
  [
    'a cut-off file',
    [
      {
        path: 'a.safetensors',
        bytes: writeSafetensors(randomSource('cnn-4', [8, 8, 1]).weights).subarray(0, 900),
      },
    ],
    'cut off',
  ],
  [
    'broken numbers',
    [
      {
        path: 'a.safetensors',
        bytes: writeSafetensors(
          randomSource('cnn-4', [8, 8, 1]).weights.map((entry) => ({ ...entry, data: entry.data.fill(NaN) })),
        ),
      },
    ],
    'not finite',
  ],
])('%s is refused in plain words', (_, files, sentence) => {
  expect(() => readForeignNetwork(files, wanted)).toThrow(sentence);
});

test('a folded model and one made elsewhere are kept as they are; one of this page is read', () => {
  const weights = { path: 'folder/weights.bin', bytes: Uint8Array.from({ length: 424 }, (_, i) => i) };
  const foreign = tfjsFile(false, (json) => ({ ...json, userDefinedMetadata: {} }));
  for (const file of [tfjsFile(true), foreign]) {
    expect(readForeignModel([file, weights])?.weights).toEqual(weights.bytes);
    expect(() => readForeignModel([file])).toThrow('needs the file “weights.bin”');
    const cut = { ...weights, bytes: weights.bytes.subarray(0, 300) };
    expect(() => readForeignModel([file, cut])).toThrow('cut off: its files hold 300 bytes');
  }
  expect(readForeignModel([tfjsFile(false), weights])).toBeNull();
});

test('of models with files of equal names each takes its own; what is not clear is refused', () => {
  const [mine, other] = [1, 2].map((value) => new Uint8Array(424).fill(value));
  const foreign = tfjsFile(false, (json) => ({ ...json, userDefinedMetadata: {} }));
  const shards = [
    { path: 'students/weights.bin', bytes: other! },
    { path: 'teachers/weights.bin', bytes: mine! },
  ];
  const teacher = { ...foreign, path: 'teachers/model.json' };
  expect(readForeignModel([...shards, teacher])?.weights).toEqual(mine);
  // Dropped one by one, files have no folders.
  expect(readForeignModel([shards[1]!, { ...foreign, path: 'model.json' }])?.weights).toEqual(mine);
  expect(() => readForeignModel([...shards, { ...foreign, path: 'model.json' }])).toThrow(
    '2 files have that name',
  );
  expect(() => readForeignModel([...shards, teacher, { ...foreign, path: 'students/model.json' }])).toThrow(
    'There are 2 models of TensorFlow.js, and one is wanted',
  );
});

test('a file that a model names again and again is refused, in one group or in several', () => {
  const shard = { path: 'weights.bin', bytes: new Uint8Array(424) };
  for (const spread of [false, true]) {
    const repeated = tfjsFile(false, (json) => {
      const [group] = json['weightsManifest'] as object[];
      const weightsManifest = spread
        ? Array.from({ length: 3000 }, () => group)
        : [{ ...group, paths: Array.from({ length: 3000 }, () => 'weights.bin') }];
      return { ...json, weightsManifest };
    });
    expect(() => readForeignNetwork([repeated, shard], wanted)).toThrow('names the file “weights.bin” twice');
    expect(() => readForeignModel([repeated, shard])).toThrow('names the file “weights.bin” twice');
  }
});
