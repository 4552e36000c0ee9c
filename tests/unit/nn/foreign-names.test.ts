import { expect, test } from 'vitest';
import { planNetwork } from '../../../src/nn/describe';
import { spellingsOf } from '../../../src/nn/foreign-names';
import { torchShape, type NamedArray } from '../../../src/nn/layouts';
import { mayHold } from '../../../src/nn/recognise';

const wanted = { input: [32, 32, 3], classes: 10 } as const;

/** Names and shapes, without numbers. */
function stateOf(network: string): NamedArray[] {
  const plan = planNetwork(network, wanted.input, wanted.classes);
  if ('problem' in plan) throw new Error(plan.problem);
  return plan.description.parameters.map(({ name, shape }) => ({
    name,
    shape: torchShape(shape),
    data: new Float32Array(),
  }));
}

const found = (state: NamedArray[]) =>
  new Set(spellingsOf(state, [32, 32]).flatMap((spelling) => mayHold(spelling, wanted)));
const rename = (state: NamedArray[], change: (name: string) => string) =>
  state.map((entry) => ({ ...entry, name: change(entry.name) }));

test.each(['ResNet18-stem7', 'ResNet34-stem7', 'ResNet50-stem7', 'VGG16-bn', 'VGG13-bn-512'])(
  '%s is recognised under torchvision’s names, and means nothing else',
  (network) => {
    expect([...found(stateOf(network))]).toEqual([network]);
  },
);

test('what has no weights leaves two networks to choose from', () => {
  expect(found(stateOf('MobileNetV2-224'))).toEqual(new Set(['MobileNetV2-224', 'MobileNetV2-32']));
  // timm's ResNet-18 for CIFAR: a stem of 3x3 under torchvision's names.
  expect(found(stateOf('ResNet18-pool'))).toEqual(new Set(['ResNet18-pool', 'ResNet18']));
});

test('timm’s MobileNetV2 is torchvision’s under other names', () => {
  const blocks = [1, 2, 3, 4, 3, 3, 1].flatMap((count, group) =>
    Array.from({ length: count }, (_, i) => `blocks.${group}.${i}`),
  );
  const layers: Record<string, string> = {
    '0.0': 'conv_pw',
    '0.1': 'bn1',
    '1.0': 'conv_dw',
    '1.1': 'bn2',
    '2': 'conv_pwl',
    '3': 'bn3',
  };
  const first: Record<string, string> = { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' };
  const timm = rename(stateOf('MobileNetV2-224'), (name) =>
    name
      .replace('features.0.0', 'conv_stem')
      .replace('features.0.1', 'bn1')
      .replace('features.18.0', 'conv_head')
      .replace('features.18.1', 'bn2')
      .replace('classifier.1', 'classifier')
      .replace(
        /features\.(\d+)\.conv\.([\d.]+)\.(?=[a-z])/,
        (_, at: string, layer: string) =>
          `${blocks[Number(at) - 1]!}.${(at === '1' ? first : layers)[layer]!}.`,
      ),
  );
  expect(timm.find(({ name }) => name === 'blocks.2.1.conv_pwl.weight')?.shape).toEqual([32, 192, 1, 1]);
  expect(found(timm)).toContain('MobileNetV2-224');
});

test('the dense layer of a VGG over 49 places is added up for images with one', () => {
  const state = stateOf('VGG11-bn-2').map((entry) =>
    entry.name === 'classifier.0.weight'
      ? { ...entry, shape: [2, 25088], data: Float32Array.from({ length: 2 * 25088 }, (_, i) => i % 49) }
      : entry,
  );
  const spelling = spellingsOf(state, [32, 32]).find((one) => mayHold(one, wanted).includes('VGG11-bn-2'))!;
  const first = spelling.find(({ name }) => name === 'classifier.0.weight')!;
  expect(() => spellingsOf(state, [64, 64])).toThrow('images below 64 × 64 pixels');
  expect(first.shape).toEqual([2, 512]);
  expect(first.data.every((value) => value === (48 * 49) / 2)).toBe(true);
});

test('shortcuts without weights become convolutions that move channels to the middle', () => {
  const plain = rename(
    stateOf('resnet20').filter(({ name }) => !name.includes('downsample')),
    (name) => name.replace(/^fc/, 'linear'),
  );
  const spelling = spellingsOf(plain, [32, 32]).find((one) => mayHold(one, wanted).includes('resnet20'))!;
  const kernel = spelling.find(({ name }) => name === 'layer2.0.downsample.0.weight')!;
  expect(kernel.shape).toEqual([32, 16, 1, 1]);
  const places = [...kernel.data].flatMap((value, i) =>
    value === 0 ? [] : [[value, Math.floor(i / 16), i % 16]],
  );
  expect(places).toEqual(Array.from({ length: 16 }, (_, c) => [1, c + 8, c]));
});
