/**
 * Weights under the names of other code bases, as the same weights under the names of a network of this page. Each function
 * returns null where it does not apply.
 */
import { batchNormEpsilon } from './graph/model-graph';
import type { NamedArray } from './layouts';

type State = readonly NamedArray[];

/**
 * The ways in which a state may be meant, the state as it is first.
 * @param sides of the images, in pixels
 */
export function spellingsOf(state: State, sides: readonly [number, number]): State[] {
  const first = [
    state,
    ...[timmMobilenet(state), timmVgg(state, sides), torchvisionVgg(state, sides)].filter(isFound),
  ];
  const more = first.flatMap((one) => [withPlainShortcuts(one), swapped(one)].filter(isFound));
  const bodies = [...first, ...more];
  return [...bodies, ...bodies.flatMap(otherClassifiers)];
}

function isFound(state: State | null): state is State {
  return state !== null;
}

function has(state: State, name: string): boolean {
  return state.some((entry) => entry.name === name);
}

function renamed(state: State, change: (name: string) => string): NamedArray[] {
  return state.map((entry) => ({ ...entry, name: change(entry.name) }));
}

/** Names of the last layer in various code bases. */
const classifiers = ['fc', 'linear', 'classifier', 'head', 'classifier.0', 'classifier.1', 'head.fc'];

function otherClassifiers(state: State): State[] {
  const called = classifiers.find(
    (name) => has(state, `${name}.weight`) && !has(state, `${name}.running_mean`),
  );
  if (called === undefined) return [];
  return classifiers
    .filter((name) => name !== called)
    .map((name) =>
      renamed(state, (own) => (own.startsWith(`${called}.`) ? name + own.slice(called.length) : own)),
    );
}

/** Shortcuts of the ImageNet forms are called `downsample` by torchvision and timm, `shortcut` by the code for CIFAR. */
function swapped(state: State): State | null {
  if (!has(state, 'conv1.weight')) return null;
  const [from, to] = state.some(({ name }) => name.includes('.downsample.'))
    ? ['.downsample.', '.shortcut.']
    : ['.shortcut.', '.downsample.'];
  return state.some(({ name }) => name.includes(from))
    ? renamed(state, (name) => name.replace(from, to))
    : null;
}

/**
 * Shortcuts without weights (option A of He et al. 2016: every second pixel, zeros for the new channels, half of them on
 * either side) as 1x1 convolutions with a batch norm that changes nothing. As in akamaster/pytorch_resnet_cifar10.
 */
function withPlainShortcuts(state: State): State | null {
  if (state.some(({ name }) => /\.(downsample|shortcut)\./.test(name))) return null;
  const shapes = new Map(state.map(({ name, shape }) => [name, shape]));
  const added = [2, 3].flatMap((stage) => {
    const shape = shapes.get(`layer${stage}.0.conv1.weight`);
    if (shape?.length !== 4 || shapes.has(`layer${stage}.0.conv3.weight`)) return [];
    const [outputs, inputs] = shape as [number, number];
    if (outputs !== 2 * inputs) return [];
    return plainShortcut(`layer${stage}.0.downsample`, inputs, outputs);
  });
  return added.length === 0 || has(state, 'layer4.0.conv1.weight') ? null : [...state, ...added];
}

function plainShortcut(name: string, inputs: number, outputs: number): NamedArray[] {
  const kernel = new Float32Array(outputs * inputs);
  for (let c = 0; c < inputs; c++) kernel[(c + (outputs - inputs) / 2) * inputs + c] = 1;
  const each = (value: number) => new Float32Array(outputs).fill(value);
  return [
    { name: `${name}.0.weight`, shape: [outputs, inputs, 1, 1], data: kernel },
    { name: `${name}.1.weight`, shape: [outputs], data: each(Math.sqrt(1 + batchNormEpsilon)) },
    { name: `${name}.1.bias`, shape: [outputs], data: each(0) },
    { name: `${name}.1.running_mean`, shape: [outputs], data: each(0) },
    { name: `${name}.1.running_var`, shape: [outputs], data: each(1) },
  ];
}

/** timm's mobilenetv2_100 under torchvision's names. */
function timmMobilenet(state: State): State | null {
  if (!has(state, 'conv_stem.weight') || !has(state, 'blocks.0.0.conv_dw.weight')) return null;
  const blocks = [...new Set(state.flatMap(({ name }) => /^blocks\.\d+\.\d+/.exec(name)?.[0] ?? []))];
  const numbers = new Map(blocks.map((block, i) => [block, i + 1]));
  const head = `features.${blocks.length + 1}`;
  const first: Readonly<Record<string, string>> = { conv_dw: '0.0', bn1: '0.1', conv_pw: '1', bn2: '2' };
  const others: Readonly<Record<string, string>> = {
    conv_pw: '0.0',
    bn1: '0.1',
    conv_dw: '1.0',
    bn2: '1.1',
    conv_pwl: '2',
    bn3: '3',
  };
  const outside: Readonly<Record<string, string>> = {
    conv_stem: 'features.0.0',
    bn1: 'features.0.1',
    conv_head: `${head}.0`,
    bn2: `${head}.1`,
    classifier: 'classifier.1',
  };
  return renamed(state, (name) => {
    const [, block, layer, rest] = /^(blocks\.\d+\.\d+)\.(\w+)(\..*)$/.exec(name) ?? [];
    if (block !== undefined) {
      const called = (has(state, `${block}.conv_pwl.weight`) ? others : first)[layer!];
      return called === undefined ? name : `features.${numbers.get(block)!}.conv.${called}${rest!}`;
    }
    const [, own, end] = /^(\w+)(\..*)$/.exec(name) ?? [];
    const called = own === undefined ? undefined : outside[own];
    return called === undefined ? name : called + end!;
  });
}

/** timm's vgg with batch norm under torchvision's names; its dense layers are convolutions over 7x7 and 1x1 places. */
function timmVgg(state: State, sides: readonly [number, number]): State | null {
  if (!has(state, 'pre_logits.fc1.weight')) return null;
  const layers = [
    ['pre_logits.fc1.', 'classifier.0.'],
    ['pre_logits.fc2.', 'classifier.3.'],
    ['head.fc.', 'classifier.6.'],
  ] as const;
  const named = renamed(state, (name) => {
    const layer = layers.find(([from]) => name.startsWith(from));
    return layer ? layer[1] + name.slice(layer[0].length) : name;
  });
  return overPlaces(
    named.map((entry) =>
      entry.name.startsWith('classifier.') && entry.shape.length === 4
        ? { ...entry, shape: [entry.shape[0]!, entry.shape.slice(1).reduce((all, side) => all * side, 1)] }
        : entry,
    ),
    sides,
  );
}

/** torchvision's vgg with batch norm; and the order of layers with the dropout first (`classifier.1`, `.4`, `.6`). */
function torchvisionVgg(state: State, sides: readonly [number, number]): State | null {
  if (!has(state, 'features.0.weight') || !has(state, 'classifier.6.weight')) return null;
  const places: Readonly<Record<string, string>> = { 1: '0', 4: '3' };
  return overPlaces(
    renamed(state, (name) =>
      name.replace(/^classifier\.(\d)\./, (whole, at: string) =>
        has(state, 'classifier.1.weight') && at in places ? `classifier.${places[at]!}.` : whole,
      ),
    ),
    sides,
  );
}

/** Channels of the last map, and the sides of the map that published dense layers read. */
const [lastChannels, published] = [512, 7];

/**
 * The first dense layer reads 7x7 places, to which the last map is brought by adaptive average pooling. Both are linear, so
 * that kernels over the places of the map at hand, in NHWC order, give the same (`vgg-bn.ts`); images below 64 pixels have one
 * place.
 */
function overPlaces(state: State, sides: readonly [number, number]): NamedArray[] {
  const [rows, columns] = sides.map((side) => pooling(Math.max(1, Math.floor(side / 32)))) as [
    Float64Array[],
    Float64Array[],
  ];
  const [height, width] = [rows[0]!.length, columns[0]!.length];
  const first = state.find(({ name }) => name === 'classifier.0.weight')?.shape;
  if (first?.length !== 2 || first[1] !== lastChannels * published ** 2) return [...state];
  const layer = height * width === 1 ? 'classifier.0' : 'classifier.places';
  return state.map((entry) => {
    const { name, shape, data } = entry;
    if (name === 'classifier.0.bias') return { ...entry, name: `${layer}.bias` };
    if (name !== 'classifier.0.weight') return entry;
    const units = shape[0]!;
    const kernels = new Float32Array(units * height * width * lastChannels);
    for (let unit = 0; unit < units; unit++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < lastChannels; c++) {
            const from = (unit * lastChannels + c) * published ** 2;
            let sum = 0;
            for (const [i, row] of rows.entries()) {
              if (row[y] === 0) continue;
              for (const [j, column] of columns.entries())
                if (column[x] !== 0) sum += data[from + i * published + j]! * row[y]! * column[x]!;
            }
            kernels[((unit * height + y) * width + x) * lastChannels + c] = sum;
          }
    return { name: `${layer}.weight`, shape: [units, height * width * lastChannels], data: kernels };
  });
}

/** [7][side] what each of 7 places takes of `side` ones, as PyTorch's adaptive average pooling has it. */
function pooling(side: number): Float64Array[] {
  return Array.from({ length: published }, (_, i) => {
    const [from, to] = [Math.floor((i * side) / published), Math.ceil(((i + 1) * side) / published)];
    return Float64Array.from({ length: side }, (__, at) => (at >= from && at < to ? 1 / (to - from) : 0));
  });
}
