/**
 * Names of networks, as used in recipes, links and parity cases:
 * `mlp-64-32` (hidden widths), `cnn-8-16-32` and `cnn2-16-32-64` (blocks of one or two convolutions; with
 * `-pool` at the end also pooled after the last block, for images of 28 pixels and more),
 * `elu-32-64` and `elu2-32-64` (blocks of one or two convolutions with bias, ELU, pooling after each and dropout),
 * `resnet20`, `resnet8x4` (depth, width factor), `wrn_16_2` (depth, widening), `vgg8`, `MobileNetV2` (half width),
 * `ShuffleV1`, `ShuffleV2`, `ResNet18`, `ResNet34`, `ResNet50` (the ImageNet forms). Capitals count, as in the
 * reference networks: `resnet50` is the slim network of depth 6 x 8 + 2, `ResNet50` has bottlenecks and 31 times its
 * parameters.
 *
 * Networks as others publish them: `ResNet18-stem7` (torchvision: 7x7 stem and pooling), `ResNet18-pool` (3x3 stem and
 * pooling), `VGG16-bn` (five pooled blocks, one dense layer), `VGG16-bn-4096` (three dense layers, over the mean of all
 * places), `VGG16-bn-4096-flat` (the same over each place by itself, as torchvision for images of 64 pixels and more),
 * `MobileNetV2-224` (torchvision, full width) and `MobileNetV2-32` (the same with the strides for small images).
 *
 * `+imagenet`, `+cifar10`, `+cifar10s` or `+cifar100` behind a name normalises each colour by itself before the network
 * (see `colourScales`).
 */
export type NetworkSpec = NetworkBody & {
  /** Left out where all colours are normalised alike. */
  eachColour?: ColourScale;
};

type NetworkBody =
  | { family: 'mlp'; widths: number[] }
  | { family: 'cnn'; widths: number[]; convsPerBlock: 1 | 2; poolLast: boolean }
  | { family: 'elu'; widths: number[]; convsPerBlock: 1 | 2 }
  | { family: 'resnet'; depth: number; width: number }
  | { family: 'wrn'; depth: number; widening: number }
  | { family: 'vgg'; depth: 8 | 11 | 13 | 16 | 19 }
  | { family: 'mobilenet-v2' }
  | { family: 'shufflenet-v1' }
  | { family: 'shufflenet-v2' }
  | { family: 'imagenet-resnet'; depth: 18 | 34 | 50; stem: 'small' | 'pooled' | 'large' }
  /** `hidden`: units of two further dense layers; null for none. `flat`: the first of them reads each place by itself. */
  | { family: 'vgg-bn'; depth: 11 | 13 | 16 | 19; hidden: number | null; flat: boolean }
  | { family: 'wide-mobilenet-v2'; images: 'photographs' | 'small' };

/** Whether a network can be started behind one of its stages, with a given map (see `Midway`). */
export function startsMidway(name: string): boolean {
  const spec = parseNetworkName(name);
  return 'family' in spec && ['cnn', 'resnet', 'vgg'].includes(spec.family);
}

/** Whether it is made for photographs of ImageNet's size, whose published weights expect ImageNet's normalisation. */
export function isForPhotographs(name: string): boolean {
  const spec = parseNetworkName(name);
  if (!('family' in spec)) return false;
  if (spec.family === 'imagenet-resnet') return spec.stem === 'large';
  if (spec.family === 'vgg-bn') return spec.hidden === 4096;
  return spec.family === 'wide-mobilenet-v2' && spec.images === 'photographs';
}

/** Networks without parameters in their name. */
const single: ReadonlyMap<string, NetworkBody> = new Map<string, NetworkBody>([
  ['MobileNetV2', { family: 'mobilenet-v2' }],
  ['ShuffleV1', { family: 'shufflenet-v1' }],
  ['ShuffleV2', { family: 'shufflenet-v2' }],
  ...([18, 34, 50] as const).flatMap((depth): [string, NetworkBody][] => [
    [`ResNet${depth}`, { family: 'imagenet-resnet', depth, stem: 'small' }],
    [`ResNet${depth}-pool`, { family: 'imagenet-resnet', depth, stem: 'pooled' }],
    [`ResNet${depth}-stem7`, { family: 'imagenet-resnet', depth, stem: 'large' }],
  ]),
  ['MobileNetV2-224', { family: 'wide-mobilenet-v2', images: 'photographs' }],
  ['MobileNetV2-32', { family: 'wide-mobilenet-v2', images: 'small' }],
]);

const vggDepths = [8, 11, 13, 16, 19] as const;

/** The spec of a name, or a sentence that says what is wrong with it. */
export function parseNetworkName(name: string): NetworkSpec | { problem: string } {
  const { body: own, scale } = splitName(name);
  const body = parseBody(own);
  return scale === null || 'problem' in body ? body : { ...body, eachColour: scale };
}

/** The name of a network's body, and how each of its colours is normalised; null where all are alike. */
export function splitName(name: string): { body: string; scale: ColourScale | null } {
  const at = name.lastIndexOf('+');
  const scale = name.slice(at + 1);
  return at >= 0 && Object.hasOwn(colourScales, scale)
    ? { body: name.slice(0, at), scale: scale as ColourScale }
    : { body: name, scale: null };
}

/** Means and deviations of red, green and blue, from 0 to 1, as published code normalises images. */
export const colourScales = {
  /** torchvision and timm. */
  imagenet: { means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225] },
  cifar10: { means: [0.4914, 0.4822, 0.4465], deviations: [0.247, 0.2435, 0.2616] },
  /** With the deviations of kuangliu/pytorch-cifar: means over images of their own deviations. */
  cifar10s: { means: [0.4914, 0.4822, 0.4465], deviations: [0.2023, 0.1994, 0.201] },
  cifar100: { means: [0.5071, 0.4867, 0.4408], deviations: [0.2675, 0.2565, 0.2761] },
} as const;
export type ColourScale = keyof typeof colourScales;

function parseBody(name: string): NetworkBody | { problem: string } {
  const spec = single.get(name) ?? parsePattern(name);
  if (!('problem' in spec)) return spec;
  const meant = [...single.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
  return meant ? { problem: `must be written ${meant}` } : spec;
}

function parsePattern(name: string): NetworkBody | { problem: string } {
  const layered = /^(mlp|cnn|cnn2|elu|elu2)((?:-\d{1,4}){1,6})(-pool)?$/.exec(name);
  if (layered) {
    const widths = layered[2]!.slice(1).split('-').map(Number);
    if (widths.some((width) => width < 1 || width > 1024))
      return { problem: 'must have widths between 1 and 1024' };
    const poolLast = layered[3] !== undefined;
    const convsPerBlock = layered[1]!.endsWith('2') ? 2 : 1;
    if (layered[1]!.startsWith('elu'))
      return poolLast
        ? { problem: 'needs no -pool: it is pooled after each block' }
        : { family: 'elu', widths, convsPerBlock };
    if (layered[1] === 'mlp')
      return poolLast ? { problem: 'cannot be pooled: an MLP has no maps' } : { family: 'mlp', widths };
    return { family: 'cnn', widths, convsPerBlock, poolLast };
  }
  const resnet = /^resnet(\d{1,3})(?:x(\d))?$/.exec(name);
  if (resnet) {
    const depth = Number(resnet[1]);
    const width = Number(resnet[2] ?? 1);
    if ((depth - 2) % 6 !== 0 || depth < 8 || depth > 110)
      return { problem: 'must have a depth of 8, 14, 20, 32, 44, 56 or another 6n+2 up to 110' };
    if (width < 1 || width > 4) return { problem: 'must have a width factor from 1 to 4' };
    return { family: 'resnet', depth, width };
  }
  const wrn = /^wrn_(\d{1,2})_(\d{1,2})$/.exec(name);
  if (wrn) {
    const depth = Number(wrn[1]);
    const widening = Number(wrn[2]);
    if ((depth - 4) % 6 !== 0 || depth < 10 || depth > 40)
      return { problem: 'must have a depth of 10, 16, 22, 28, 34 or 40' };
    if (widening < 1 || widening > 10) return { problem: 'must have a widening from 1 to 10' };
    return { family: 'wrn', depth, widening };
  }
  const vggBn = /^VGG(\d{2})-bn(?:-(\d{1,4})(-flat)?)?$/.exec(name);
  if (vggBn) {
    const depth = ([11, 13, 16, 19] as const).find((known) => known === Number(vggBn[1]));
    const hidden = vggBn[2] === undefined ? null : Number(vggBn[2]);
    if (!depth || hidden === 0 || (hidden ?? 0) > 4096)
      return { problem: 'must be VGG11-bn, VGG13-bn, VGG16-bn or VGG19-bn, with at most 4096 hidden units' };
    return { family: 'vgg-bn', depth, hidden, flat: vggBn[3] !== undefined };
  }
  const vgg = /^vgg(\d{1,2})$/.exec(name);
  if (vgg) {
    const depth = vggDepths.find((known) => known === Number(vgg[1]));
    return depth ? { family: 'vgg', depth } : { problem: 'must be vgg8, vgg11, vgg13, vgg16 or vgg19' };
  }
  return {
    problem:
      'must be a network such as mlp-32, cnn-8-16-32, cnn2-16-32-64, resnet8, resnet8x4, wrn_16_1, vgg8, MobileNetV2, ShuffleV1, ShuffleV2 or ResNet50',
  };
}

/** Validator of a text knob: null when the name is valid. */
export function networkProblem(name: string): string | null {
  const spec = parseNetworkName(name);
  return 'problem' in spec ? spec.problem : null;
}

export const networkSuggestions = [
  { value: 'mlp-32', label: 'MLP, 32 hidden units' },
  { value: 'mlp-64-32', label: 'MLP, 64 and 32 hidden units' },
  { value: 'cnn-4-8-16', label: 'Small CNN, 4-8-16 channels' },
  { value: 'cnn-8-16-32', label: 'CNN, 8-16-32 channels' },
  { value: 'cnn-8-16-32-pool', label: 'CNN, 8-16-32, pooled after each block (28×28 and up)' },
  { value: 'cnn2-16-32-64', label: 'CNN, two convolutions a block, 16-32-64' },
  { value: 'cnn2-16-32-64-pool', label: 'CNN, two convolutions a block, pooled after each (28×28 and up)' },
  { value: 'cnn2-24-48-96', label: 'CNN, two convolutions a block, 24-48-96' },
  { value: 'elu-32-64', label: 'CNN with ELU and dropout, 32-64 channels' },
  { value: 'elu2-32-64', label: 'CNN with ELU and dropout, two convolutions a block, 32-64' },
  { value: 'resnet8', label: 'ResNet-8' },
  { value: 'resnet14', label: 'ResNet-14' },
  { value: 'resnet20', label: 'ResNet-20' },
  { value: 'resnet32', label: 'ResNet-32' },
  { value: 'resnet44', label: 'ResNet-44' },
  { value: 'resnet56', label: 'ResNet-56' },
  { value: 'resnet8x4', label: 'ResNet-8, 4× wide' },
  { value: 'resnet32x4', label: 'ResNet-32, 4× wide' },
  { value: 'wrn_16_1', label: 'Wide ResNet 16-1' },
  { value: 'wrn_16_2', label: 'Wide ResNet 16-2' },
  { value: 'wrn_40_1', label: 'Wide ResNet 40-1' },
  { value: 'wrn_40_2', label: 'Wide ResNet 40-2' },
  { value: 'vgg8', label: 'VGG-8' },
  { value: 'vgg11', label: 'VGG-11' },
  { value: 'vgg13', label: 'VGG-13' },
  { value: 'MobileNetV2', label: 'MobileNetV2, half width' },
  { value: 'ShuffleV1', label: 'ShuffleNet V1, 3 groups' },
  { value: 'ShuffleV2', label: 'ShuffleNet V2' },
  { value: 'MobileNetV2-224', label: 'MobileNetV2 of torchvision, full width' },
  { value: 'ResNet18-stem7', label: 'ResNet-18 of torchvision, 7×7 stem (11 million weights)' },
  { value: 'ResNet18', label: 'ResNet-18, wide form (11 million weights)' },
  { value: 'ResNet50', label: 'ResNet-50, bottlenecks (23 million weights)' },
] as const;
