/**
 * Names of networks, as used in recipes, links and parity cases:
 * `mlp-64-32` (hidden widths), `cnn-8-16-32` and `cnn2-16-32-64` (blocks of one or two convolutions; with
 * `-pool` at the end also pooled after the last block, for images of 28 pixels and more),
 * `elu-32-64` and `elu2-32-64` (blocks of one or two convolutions with bias, ELU, pooling after each and dropout),
 * `resnet20`, `resnet8x4` (depth, width factor), `wrn_16_2` (depth, widening), `vgg8`, `MobileNetV2` (half width),
 * `ShuffleV1`, `ShuffleV2`, `ResNet18`, `ResNet34`, `ResNet50` (the ImageNet forms). Capitals count, as in the
 * reference networks: `resnet50` is the slim network of depth 6 x 8 + 2, `ResNet50` has bottlenecks and 31 times its
 * parameters.
 */
export type NetworkSpec =
  | { family: 'mlp'; widths: number[] }
  | { family: 'cnn'; widths: number[]; convsPerBlock: 1 | 2; poolLast: boolean }
  | { family: 'elu'; widths: number[]; convsPerBlock: 1 | 2 }
  | { family: 'resnet'; depth: number; width: number }
  | { family: 'wrn'; depth: number; widening: number }
  | { family: 'vgg'; depth: 8 | 11 | 13 | 16 | 19 }
  | { family: 'mobilenet-v2' }
  | { family: 'shufflenet-v1' }
  | { family: 'shufflenet-v2' }
  | { family: 'imagenet-resnet'; depth: 18 | 34 | 50 };

/** Whether a network can be started behind one of its stages, with a given map (see `Midway`). */
export function startsMidway(name: string): boolean {
  const spec = parseNetworkName(name);
  return 'family' in spec && ['cnn', 'resnet', 'vgg'].includes(spec.family);
}

/** Networks without parameters in their name. */
const single: ReadonlyMap<string, NetworkSpec> = new Map<string, NetworkSpec>([
  ['MobileNetV2', { family: 'mobilenet-v2' }],
  ['ShuffleV1', { family: 'shufflenet-v1' }],
  ['ShuffleV2', { family: 'shufflenet-v2' }],
  ['ResNet18', { family: 'imagenet-resnet', depth: 18 }],
  ['ResNet34', { family: 'imagenet-resnet', depth: 34 }],
  ['ResNet50', { family: 'imagenet-resnet', depth: 50 }],
]);

const vggDepths = [8, 11, 13, 16, 19] as const;

/** The spec of a name, or a sentence that says what is wrong with it. */
export function parseNetworkName(name: string): NetworkSpec | { problem: string } {
  const spec = single.get(name) ?? parsePattern(name);
  if (!('problem' in spec)) return spec;
  const meant = [...single.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
  return meant ? { problem: `must be written ${meant}` } : spec;
}

function parsePattern(name: string): NetworkSpec | { problem: string } {
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
  { value: 'ResNet18', label: 'ResNet-18, wide form (11 million weights)' },
  { value: 'ResNet50', label: 'ResNet-50, bottlenecks (23 million weights)' },
] as const;
