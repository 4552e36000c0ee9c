import { expect, test } from 'vitest';
import { planNetwork } from '../../../src/nn/describe';
import { torchShape } from '../../../src/nn/layouts';
import { networkSuggestions } from '../../../src/nn/network-names';
import { recogniseNetwork, withoutPrefix } from '../../../src/nn/recognise';

function stateOf(network: string, input: readonly [number, number, number], classes: number) {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  return plan.description.parameters.map(({ name, shape }) => ({ name, shape: torchShape(shape) }));
}

const colour = { input: [32, 32, 3], classes: 10 } as const;
// Pooling after the last block leaves no trace in the weights: such a network must be named by the file.
const recognisable = networkSuggestions.map(({ value }) => value).filter((name) => !name.endsWith('-pool'));

test.each([
  ...recognisable,
  'resnet110',
  'resnet14x2',
  'wrn_22_4',
  'vgg19',
  'mlp-7-9-11',
  'cnn-3-5',
  'cnn2-6',
  'elu-3-5',
  'elu2-6',
])('%s is recognised by names and shapes', (name) => {
  expect(recogniseNetwork(stateOf(name, [32, 32, 3], 10), colour)).toEqual({
    network: name,
    problem: null,
  });
});

test('a file may say which network it holds', () => {
  const state = stateOf('cnn-8-16-pool', [32, 32, 3], 10);
  expect(recogniseNetwork(state, colour).network).toBe('cnn-8-16');
  expect(recogniseNetwork(state, colour, 'cnn-8-16-pool').network).toBe('cnn-8-16-pool');
  expect(recogniseNetwork(state, colour, 'resnet8').network).toBe('cnn-8-16');
});

test('a wrapper’s prefix is taken off', () => {
  const state = stateOf('resnet8', [32, 32, 3], 10);
  const wrapped = state.map((entry) => ({ ...entry, name: `module._orig_mod.${entry.name}` }));
  expect(withoutPrefix(wrapped)).toEqual(state);
  expect(withoutPrefix(state)).toEqual(state);
});

test.each([
  [
    'other classes',
    'resnet20',
    { input: [32, 32, 3] as const, classes: 100 },
    'These are weights of a resnet20 for 10 classes, but the data set has 100. Choose the file again: on other classes it teaches by its features.',
  ],
  [
    'other channels',
    'wrn_16_2',
    { input: [28, 28, 1] as const, classes: 10 },
    'These are weights of a wrn_16_2 for images with 3 channels (colour), but the data set has one channel (grey). Import the set again with “Colour” set to “colour”.',
  ],
  [
    'other size',
    'mlp-16',
    { input: [8, 8, 3] as const, classes: 10 },
    'These are weights of a mlp-16 for images of 3072 numbers, but those of the data set have 8 × 8 × 3.',
  ],
])('weights for %s are refused in plain words', (_, name, wanted, problem) => {
  expect(recogniseNetwork(stateOf(name, [32, 32, 3], 10), wanted)).toEqual({ network: name, problem });
});

test('weights with a part missing name the part', () => {
  const state = stateOf('resnet8', [32, 32, 3], 10).filter(({ name }) => name !== 'layer2.0.bn1.bias');
  expect(recogniseNetwork(state, colour)).toEqual({
    network: 'resnet8',
    problem:
      'These look like weights of a resnet8, but they do not fit. The weights lack “layer2.0.bn1.bias”.',
  });
});

test('weights of nothing known are refused with their first name', () => {
  const found = recogniseNetwork([{ name: 'transformer.wte.weight', shape: [50257, 768] }], colour);
  expect(found.network).toBeNull();
  expect(found.problem).toContain('its first entry is “transformer.wte.weight”');
  expect(recogniseNetwork([], colour).problem).toBe('The file holds no weights.');
});
