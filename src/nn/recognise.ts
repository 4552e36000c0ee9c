/** Recognises the network that weights belong to, from the parameter names and shapes of the reference code. */
import { planNetwork } from './describe';
import type { NamedArray } from './layouts';
import { networkSuggestions } from './network-names';
import { stateProblem } from './state-problem';

type Entry = Pick<NamedArray, 'name' | 'shape'>;

/** The task that the weights are to be used for. */
export interface Wanted {
  /** [h,w,c] of the images. */
  input: readonly [number, number, number];
  classes: number;
}

export type Recognition =
  | { network: string; problem: null }
  /** `problem` is a sentence for the user. */
  | { network: string | null; problem: string };

/**
 * The network of a state dict, if it fits the images and classes.
 * @param state PyTorch's names and layouts, without a wrapper's prefix (see `withoutPrefix`)
 * @param stated the name in the file's metadata, if any
 */
export function recogniseNetwork(state: readonly Entry[], wanted: Wanted, stated?: string): Recognition {
  if (state.length === 0) return { network: null, problem: 'The file holds no weights.' };
  const [network] = mayHold(state, wanted, stated);
  if (network !== undefined) return { network, problem: null };
  const named = candidates(state, stated);
  const [likely] = named;
  if (likely === undefined)
    return {
      network: null,
      problem: `These are not the weights of a network of this page: its first entry is “${state[0]!.name}”. Networks that can be read are ${families}, under the names of the reference code (RepDistiller), of torchvision or of timm.`,
    };
  return { network: likely, problem: mismatch(likely, state, wanted) };
}

/** The networks whose names and shapes these are; more than one where they differ in what has no weights. */
export function mayHold(state: readonly Entry[], wanted: Wanted, stated?: string): string[] {
  const own = [...new Set(candidates(state, stated))].filter((network) => fits(network, state, wanted));
  if (own.length > 0) return own;
  return networkSuggestions.map(({ value }) => value).filter((value) => fits(value, state, wanted));
}

const families =
  'the MLPs, CNNs, ResNets, Wide ResNets, VGGs, MobileNets and ShuffleNets of this page, and torchvision’s ResNet-18, -34 and -50, VGG with batch norm and MobileNetV2';

/** Removes the prefix that `DataParallel` and compiled modules put before every name. */
export function withoutPrefix<T extends Entry>(state: readonly T[]): T[] {
  const prefix = ['module.', '_orig_mod.', 'model.', 'net.', 'state_dict.'].find((start) =>
    state.every(({ name }) => name.startsWith(start)),
  );
  return prefix === undefined
    ? [...state]
    : withoutPrefix(state.map((entry) => ({ ...entry, name: entry.name.slice(prefix.length) })));
}

function fits(network: string, state: readonly Entry[], { input, classes }: Wanted): boolean {
  const plan = planNetwork(network, input, classes);
  return !('problem' in plan) && stateProblem(plan.description.parameters, state) === null;
}

/** Why the likely network cannot take these weights. */
function mismatch(network: string, state: readonly Entry[], { input, classes }: Wanted): string {
  const outputs = classifierOf(state)?.shape[0];
  if (outputs !== undefined && outputs !== classes)
    return `These are weights of a ${network} for ${outputs} classes, but the data set has ${classes}. Choose the file again: on other classes it teaches by its features.`;
  const channels = firstLayerOf(state)?.shape;
  if (channels?.length === 4 && channels[1] !== input[2])
    return `These are weights of a ${network} for images with ${channelWords(channels[1]!)}, but the data set has ${channelWords(input[2])}.${input[2] === 1 ? ' Import the set again with “Colour” set to “colour”.' : ''}`;
  if (channels?.length === 2 && channels[1] !== input[0] * input[1] * input[2])
    return `These are weights of a ${network} for images of ${channels[1]} numbers, but those of the data set have ${input[0]} × ${input[1]} × ${input[2]}.`;
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) return plan.problem;
  return `These look like weights of a ${network}, but they do not fit. ${stateProblem(plan.description.parameters, state) ?? ''}`.trim();
}

function channelWords(channels: number): string {
  return channels === 1 ? 'one channel (grey)' : `${channels} channels${channels === 3 ? ' (colour)' : ''}`;
}

function firstLayerOf(state: readonly Entry[]): Entry | undefined {
  return state.find(({ name, shape }) => name.endsWith('.weight') && shape.length >= 2);
}

/** Numbers of outputs that a network of these weights may have, the likeliest first. */
export function possibleOutputs(state: readonly Entry[]): number[] {
  const dense = state.filter(({ name, shape }) => name.endsWith('.weight') && shape.length === 2);
  return [...new Set(dense.toReversed().map(({ shape }) => shape[0]!))];
}

function classifierOf(state: readonly Entry[]): Entry | undefined {
  return state.findLast(({ name, shape }) => name.endsWith('.weight') && shape.length === 2);
}

/** Candidate names in order of likelihood, from the parameters' names and widths. */
function candidates(state: readonly Entry[], stated: string | undefined): string[] {
  const shapes = new Map(state.map(({ name, shape }) => [name, shape]));
  const width = (name: string) => shapes.get(name)?.[0];
  /** Number of entries whose name matches, such as the blocks of a stage. */
  const count = (pattern: RegExp) => state.filter(({ name }) => pattern.test(name)).length;
  const found: (string | null)[] = [
    stated ?? null,
    ...imagenetResnets(shapes),
    shapes.has('layer4.0.conv1.weight')
      ? null
      : resnetName(count(/^layer1\.\d+\.conv1\.weight$/), width('layer1.0.conv1.weight')),
    wrnName(count(/^block1\.layer\.\d+\.conv1\.weight$/), width('block1.layer.0.conv1.weight')),
    ...(shapes.has('features.18.0.weight') ? ['MobileNetV2-224', 'MobileNetV2-32'] : []),
    vggBnName(shapes, count(/^features\.\d+\.running_mean$/)),
    vggName(count(/^block\d+\.\d+\.running_mean$/)),
    layeredName('mlp', widthsOf(state, /^layers\.(\d+)\.weight$/)),
    ...cnnNames(state),
  ];
  return found.filter((name) => name !== null);
}

function resnetName(blocks: number, width: number | undefined): string | null {
  if (blocks === 0 || width === undefined) return null;
  return `resnet${6 * blocks + 2}${width === 16 ? '' : `x${width / 16}`}`;
}

function wrnName(blocks: number, width: number | undefined): string | null {
  return blocks === 0 || width === undefined ? null : `wrn_${6 * blocks + 4}_${width / 16}`;
}

/** ResNets with bottlenecks or four stages, by their stem; whether a stem of 3x3 is pooled cannot be seen. */
function imagenetResnets(shapes: ReadonlyMap<string, readonly number[]>): string[] {
  if (!shapes.has('layer4.0.conv1.weight')) return [];
  const depth = shapes.has('layer1.0.conv3.weight') ? 50 : shapes.has('layer1.2.conv1.weight') ? 34 : 18;
  const own = [`ResNet${depth}`, `ResNet${depth}-pool`];
  return shapes.get('conv1.weight')?.[2] === 7 ? [`ResNet${depth}-stem7`] : own;
}

function vggBnName(shapes: ReadonlyMap<string, readonly number[]>, convolutions: number): string | null {
  if (convolutions < 8) return null;
  const hidden = shapes.get('classifier.3.weight')?.[0];
  const isFlat = shapes.has('classifier.places.weight');
  return `VGG${convolutions + 3}-bn${hidden === undefined ? '' : `-${hidden}${isFlat ? '-flat' : ''}`}`;
}

/** VGG names count the convolutions and the paper's three dense layers, of which one remains here. */
function vggName(convolutions: number): string | null {
  return convolutions < 5 ? null : `vgg${convolutions + 3}`;
}

function cnnNames(state: readonly Entry[]): (string | null)[] {
  const widths = widthsOf(state, /^blocks\.(\d+)\.0\.weight$/);
  const twice = state.some(({ name }) => name === 'blocks.0.3.weight');
  // Convolutions have a bias when the batch norm does not follow directly.
  const family = state.some(({ name }) => name === 'blocks.0.0.bias') ? 'elu' : 'cnn';
  const name = layeredName(twice ? `${family}2` : family, widths);
  // Pooling after the last block cannot be seen in the weights.
  return name === null ? [] : [name];
}

function layeredName(family: string, widths: readonly number[]): string | null {
  return widths.length === 0 ? null : `${family}-${widths.join('-')}`;
}

/** Output widths of the layers whose name matches, in order of their number. */
function widthsOf(state: readonly Entry[], pattern: RegExp): number[] {
  const layers = state.flatMap(({ name, shape }) => {
    const match = pattern.exec(name);
    return match ? [{ at: Number(match[1]), width: shape[0]! }] : [];
  });
  return layers.sort((a, b) => a.at - b.at).map((layer) => layer.width);
}
