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

test('the dense layer of a VGG over 49 places becomes one over the places of the last map', () => {
  const state = stateOf('VGG11-bn-2').map((entry) =>
    entry.name === 'classifier.0.weight'
      ? { ...entry, shape: [2, 25088], data: Float32Array.from({ length: 2 * 25088 }, (_, i) => i % 49) }
      : entry,
  );
  const first = (side: number, network: string) => {
    const own = { input: [side, side, 3], classes: 10 } as const;
    const spelling = spellingsOf(state, [side, side]).find((one) => mayHold(one, own).includes(network))!;
    return spelling.find(({ name }) => /^classifier\.(0|places)\.weight$/.test(name))!;
  };
  const one = first(32, 'VGG11-bn-2');
  expect(one.shape).toEqual([2, 512]);
  expect(one.data.every((value) => value === (48 * 49) / 2)).toBe(true);
  // Of 7x7 places as numbered, over 2x2: rows and columns 0..2 and half of 3 lie in the first place.
  const four = first(64, 'VGG11-bn-2-flat');
  expect(four.shape).toEqual([2, 2048]);
  const places = [0, 1, 2, 3].map((place) => four.data[place * 512]!);
  const nearer = (start: number) => 3 * start + 3 + 1.5 + start / 2;
  expect(places[0]).toBeCloseTo([0, 7, 14].reduce((sum, row) => sum + nearer(row), 0) + nearer(21) / 2, 3);
  expect(places.reduce((sum, value) => sum + value, 0)).toBeCloseTo((48 * 49) / 2, 2);
  expect(first(224, 'VGG11-bn-2-flat').data.subarray(0, 512 * 49)[3 * 512]).toBe(3);
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
