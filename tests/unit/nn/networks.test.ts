import { expect, test } from 'vitest';
import { describeModule, describeNetwork, type NetworkDescription } from '../../../src/nn/describe';

function described(name: string, input: readonly number[], classes: number): NetworkDescription {
  const description = describeNetwork(name, input, classes);
  if ('problem' in description) throw new Error(description.problem);
  return description;
}

/** Trained numbers of the reference code on 32x32 colour images, for 10 and 100 classes. */
const counts: [name: string, ten: number, hundred: number][] = [
  ['resnet8', 78_042, 83_892],
  ['resnet14', 175_258, 181_108],
  ['resnet20', 272_474, 278_324],
  ['resnet32', 466_906, 472_756],
  ['resnet44', 661_338, 667_188],
  ['resnet56', 855_770, 861_620],
  ['resnet110', 1_730_714, 1_736_564],
  ['resnet8x4', 1_210_410, 1_233_540],
  ['resnet32x4', 7_410_730, 7_433_860],
  ['wrn_16_1', 175_066, 180_916],
  ['wrn_40_1', 563_930, 569_780],
  ['wrn_16_2', 691_674, 703_284],
  ['wrn_40_2', 2_243_546, 2_255_156],
  ['vgg8', 3_918_858, 3_965_028],
  ['vgg11', 9_231_114, 9_277_284],
  ['vgg13', 9_416_010, 9_462_180],
  ['vgg16', 14_728_266, 14_774_436],
  ['vgg19', 20_040_522, 20_086_692],
  // The strong student of Adamantios/NN-Train; its 4096 inputs of the last layer make the difference.
  ['elu2-32-64', 106_922, 475_652],
  ['elu2-32-64-128', 308_394, 492_804],
  ['MobileNetV2', 697_546, 812_836],
  ['ShuffleV1', 862_768, 949_258],
  ['ShuffleV2', 1_263_278, 1_355_528],
  ['ResNet18', 11_173_962, 11_220_132],
  ['ResNet34', 21_282_122, 21_328_292],
  ['ResNet50', 23_520_842, 23_705_252],
  // torchvision's, whose counts for 1000 classes are 11,689,512, 25,557,032 and 3,504,872.
  ['ResNet18-stem7', 11_181_642, 11_227_812],
  ['ResNet50-stem7', 23_528_522, 23_712_932],
  ['MobileNetV2-224', 2_236_682, 2_351_972],
];

test.each(counts)('%s has the parameters of the reference code', (name, ten, hundred) => {
  expect(described(name, [32, 32, 3], 10).parameters).toBe(ten);
  expect(described(name, [32, 32, 3], 100).parameters).toBe(hundred);
});

/** The embedding is the average of the last stage unless a layer comes in between. */
const maps: [name: string, stem: number[], stages: number[][], embedding?: number][] = [
  [
    'resnet20',
    [32, 32, 16],
    [
      [32, 32, 16],
      [16, 16, 32],
      [8, 8, 64],
    ],
  ],
  [
    'resnet8x4',
    [32, 32, 32],
    [
      [32, 32, 64],
      [16, 16, 128],
      [8, 8, 256],
    ],
  ],
  [
    'wrn_16_2',
    [32, 32, 16],
    [
      [32, 32, 32],
      [16, 16, 64],
      [8, 8, 128],
    ],
  ],
  [
    'vgg8',
    [32, 32, 64],
    [
      [16, 16, 128],
      [8, 8, 256],
      [4, 4, 512],
      [4, 4, 512],
    ],
  ],
  [
    'MobileNetV2',
    [16, 16, 16],
    [
      [16, 16, 12],
      [8, 8, 16],
      [4, 4, 48],
      [2, 2, 160],
    ],
    1280,
  ],
  [
    'ShuffleV1',
    [32, 32, 24],
    [
      [16, 16, 240],
      [8, 8, 480],
      [4, 4, 960],
    ],
  ],
  [
    'ShuffleV2',
    [32, 32, 24],
    [
      [16, 16, 116],
      [8, 8, 232],
      [4, 4, 464],
    ],
    1024,
  ],
  [
    'ResNet50',
    [32, 32, 64],
    [
      [32, 32, 256],
      [16, 16, 512],
      [8, 8, 1024],
      [4, 4, 2048],
    ],
  ],
  [
    'cnn2-16-32-64',
    [32, 32, 16],
    [
      [32, 32, 16],
      [16, 16, 32],
      [8, 8, 64],
    ],
  ],
  [
    'mlp-64-32',
    [1, 1, 64],
    [
      [1, 1, 64],
      [1, 1, 32],
    ],
  ],
];

test.each(maps)('%s exposes the maps of its stages', (name, stem, stages, embedding) => {
  const { trace } = described(name, [32, 32, 3], 10);
  expect(trace.stem).toEqual(stem);
  expect(trace.stages).toEqual(stages);
  expect(trace.preActivations).toEqual(stages);
  expect(trace.embedding).toEqual([embedding ?? stages.at(-1)!.at(-1)]);
  expect(trace.logits).toEqual([10]);
});

test('vgg pools once more on 64-pixel images', () => {
  expect(described('vgg8', [64, 64, 3], 10).trace.stages.at(-1)).toEqual([4, 4, 512]);
});

test('the cost sheet counts multiply-adds and what is written, by hand for a small network', () => {
  const sheet = described('cnn-4', [8, 8, 1], 3);
  expect(sheet.parameters).toBe(9 * 4 + 2 * 4 + 4 * 3 + 3);
  expect(sheet.multiplyAdds).toBe(64 * 9 * 4 + 4 * 3);
  // Convolution, batch norm and ReLU, then the average and the logits.
  expect(sheet.activationFloats).toBe(3 * 64 * 4 + 4 + 3);
  expect(sheet).toMatchObject({ largestMap: 64 * 4, largestParameter: 9 * 4 });
});

/** As published for 224 pixels and 1000 classes (torchvision 0.15). */
const published: [name: string, parameters: number, multiplyAdds: number][] = [
  ['ResNet18-stem7', 11_689_512, 1_814_073_344],
  ['ResNet34-stem7', 21_797_672, 3_663_761_408],
  ['ResNet50-stem7', 25_557_032, 4_089_184_256],
  ['MobileNetV2-224', 3_504_872, 300_774_272],
];

test.each(published)('%s has the published cost at 224 pixels', (name, parameters, multiplyAdds) => {
  expect(described(name, [224, 224, 3], 1000)).toMatchObject({ parameters, multiplyAdds });
});

const everyFamily = [
  'mlp-32',
  'cnn-8-16-32',
  'cnn2-16-32-64',
  'resnet8',
  'resnet8x3',
  'wrn_16_1',
  'vgg8',
  'vgg19',
  'MobileNetV2',
  'ShuffleV1',
  'ShuffleV2',
  'ResNet18',
  'ResNet50',
  'ResNet18-stem7',
  'MobileNetV2-224',
  'resnet8+imagenet',
];
const inputs = [
  [8, 8, 1],
  [8, 8, 3],
  [14, 14, 1],
  [28, 28, 1],
  [33, 47, 3],
  [64, 64, 3],
  [96, 96, 3],
  [224, 160, 3],
  [224, 224, 3],
];

test.each(everyFamily)('%s takes every image from 8x8x1 to 224x224x3', (name) => {
  for (const input of inputs) {
    const { trace } = described(name, input, 10);
    for (const stage of trace.stages) expect(Math.min(...stage)).toBeGreaterThan(0);
  }
});

test('a network that is too deep for its images is refused with a sentence', () => {
  expect(describeNetwork('cnn-4-4-4-4-4', [8, 8, 1], 10)).toEqual({
    problem:
      'cnn-4-4-4-4-4 does not fit these images: a 1 × 1 map is too small to be pooled by 2; use larger images or a network with fewer blocks.',
  });
});

test('an unknown name is refused with a sentence', () => {
  expect(describeNetwork('resnet9', [8, 8, 1], 10)).toEqual({
    problem: 'The network “resnet9” must have a depth of 8, 14, 20, 32, 44, 56 or another 6n+2 up to 110.',
  });
});

test('capitals count: the slim ResNet of depth 50 is not the one with bottlenecks', () => {
  expect(described('resnet50', [32, 32, 3], 10).parameters).toBe(758_554);
  expect(describeNetwork('mobilenetv2', [32, 32, 3], 10)).toEqual({
    problem: 'The network “mobilenetv2” must be written MobileNetV2.',
  });
  expect(describeNetwork('resnet18', [32, 32, 3], 10)).toEqual({
    problem: 'The network “resnet18” must be written ResNet18.',
  });
});

test('grouped and depthwise kernels have the shapes, fan-ins and costs of their groups', () => {
  const { parameters, multiplyAdds } = describeModule(
    (ops, x) =>
      ops.depthwiseConv(ops.conv(x!, { name: 'grouped', filters: 12, kernel: 1, groups: 3 }), {
        name: 'depthwise',
        kernel: 3,
        padding: 1,
        init: 'he-fan-out',
      }),
    [[5, 4, 6]],
  );
  expect(parameters).toEqual([
    {
      name: 'grouped.weight',
      shape: [1, 1, 2, 12],
      init: { kind: 'torch-default', fanIn: 2 },
      kind: 'weight',
    },
    {
      name: 'depthwise.weight',
      shape: [3, 3, 1, 12],
      init: { kind: 'he-fan-out', fanOut: 108 },
      kind: 'weight',
    },
  ]);
  expect(multiplyAdds).toBe(20 * 12 * 2 + 20 * 12 * 9);
});
