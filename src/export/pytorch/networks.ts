/**
 * The module of a project that makes its networks (`networks/__init__.py`): calls of the classes in `project/networks`, which are
 * the definitions of `nn/networks` as a person writes them in PyTorch.
 */
import type { InputShape } from '../../nn/describe';
import { parseNetworkName, splitName, type NetworkSpec } from '../../nn/network-names';
import { eluBlocks, type EluCnn } from '../../nn/networks/elu-cnn';
import { vggWidths } from '../../nn/networks/vgg';
import type { ExportBundle, LeavingTeacher } from '../../training/export-bundle';
import { pythonText, type Call, type Expression } from './python';

/** A call that makes a network, and what it needs of other modules: names by module. */
interface Made {
  call: Call;
  imports: readonly (readonly [module: string, name: string])[];
}

/** What a network is given and gives. */
interface Ends {
  /** [h,w,c] or [columns] */
  input: InputShape;
  outputs: number;
}

/** Text of the module, and the modules that it imports ("networks/resnet"). */
export interface NetworksModule {
  text: string;
  modules: string[];
}

/** What of a bundle its networks follow from. */
export type NetworksAbout = Pick<
  ExportBundle,
  'recipe' | 'feed' | 'teacherFeed' | 'dataset' | 'route' | 'teachers' | 'answers' | 'precision'
>;

/** @param hasPlain whether a student in full precision is asked for beside the student */
export function networksModule(bundle: NetworksAbout, hasPlain: boolean): NetworksModule {
  const { recipe, feed, teacherFeed = feed, dataset, route, precision, answers } = bundle;
  const outputs = dataset.target.names.length;
  const { network } = recipe.student;
  const plain = namedNetwork(network, { input: feed.input, outputs });
  const student = precision ? inLowPrecision(hasPlain ? ofPlain(plain) : plain, precision) : plain;
  // A route has the states of one network.
  const leaving = route ? bundle.teachers.slice(0, 1) : bundle.teachers;
  const teachers = leaving.flatMap((teacher) =>
    teacherNetworks(teacher, bundle, { input: teacherFeed.input, outputs }),
  );
  const all = [student, ...(hasPlain ? [plain] : []), ...teachers];
  const imports = new Map<string, Set<string>>();
  for (const [module, name] of all.flatMap(({ imports: own }) => own))
    imports.set(module, (imports.get(module) ?? new Set()).add(name));
  const lines = [...imports.keys()]
    .toSorted()
    .map((module) => `from .${module} import ${[...imports.get(module)!].toSorted().join(', ')}\n`);
  const names = [...new Set(leaving.map(({ network: name }) => name))].join(' + ');
  const text = `"""The networks of the recipe, before they are given their weights."""

from __future__ import annotations

from .base import Network
${lines.join('')}
${
  hasPlain
    ? `
def make_plain_student() -> Network:
    """${network}, in full precision."""
    return ${pythonText(plain.call, 4, 7)}

`
    : ''
}
def make_student() -> Network:
    """${network}${precision ? ', in low precision' : ''}."""
    return ${pythonText(hasPlain && !precision ? { call: 'make_plain_student' } : student.call, 4, 7)}
${
  teachers.length > 0 || answers
    ? `

def make_teachers() -> list[Network]:
    """${answers ? 'None: the teacher is known by its answers' : names}."""
    return ${listOf(teachers.map(({ call }) => call))}
`
    : ''
}`;
  return { text, modules: ['base', ...imports.keys()].map((module) => `networks/${module}`) };
}

/** The networks that a teacher leaves with; of fused students each by itself. */
function teacherNetworks({ network, parts }: LeavingTeacher, { recipe }: NetworksAbout, ends: Ends): Made[] {
  switch (parts?.kind) {
    case undefined:
      return [namedNetwork(network, ends)];
    case 'heads': {
      const base = namedNetwork(parts.network, ends);
      const { features, widths, mean } = parts;
      return [wrapped(base, 'granular', 'with_heads', { features, ...widths, outputs: ends.outputs, mean })];
    }
    case 'fused':
      return Array.from({ length: parts.students }, () => namedNetwork(recipe.student.network, ends));
    case 'specialists':
      return [specialists(parts, ends)];
  }
}

function specialists(
  { branches, softmax, trunk }: Extract<LeavingTeacher['parts'], { kind: 'specialists' }>,
  { input, outputs }: Ends,
): Made {
  const shared: InputShape = trunk > 0 && input.length === 3 ? [input[0], input[1], trunk] : input;
  const made = branches.map(({ network, outputs: own }) => {
    const ends = { input: shared, outputs: own };
    return typeof network === 'string' ? namedNetwork(network, ends) : eluCnn(network, ends);
  });
  return {
    call: {
      call: 'Specialists',
      values: [made.map(({ call }) => call)],
      named: {
        classes: branches.map(({ classes }) => classes),
        outputs,
        softmax,
        ...(trunk > 0 ? { trunk: [input.at(-1)!, trunk] } : {}),
      },
    },
    imports: [['specialists', 'Specialists'], ...made.flatMap(({ imports }) => imports)],
  };
}

const ofPlain = ({ imports }: Made): Made => ({ call: { call: 'make_plain_student' }, imports });

/** A call around a network. */
function wrapped(
  { call, imports }: Made,
  module: string,
  name: string,
  named: Readonly<Record<string, Expression>>,
): Made {
  return { call: { call: name, values: [call], named }, imports: [...imports, [module, name]] };
}

function inLowPrecision(
  made: Made,
  { weights, activations, rule, exempt }: NonNullable<ExportBundle['precision']>,
): Made {
  const bits = (count: number) => (count === 32 ? null : count);
  return wrapped(made, 'low_precision', 'in_low_precision', {
    rule,
    weights: bits(weights),
    activations: bits(activations),
    ends_in_full: exempt,
  });
}

/** @param name see nn/network-names.ts */
function namedNetwork(name: string, ends: Ends): Made {
  const spec = parseNetworkName(name);
  if ('problem' in spec) throw new Error(`The network “${splitName(name).body}” ${spec.problem}.`);
  const made = networkOf(spec, ends);
  return spec.eachColour ? wrapped(made, 'colours', 'with_colours', { channels: ends.input.at(-1)! }) : made;
}

function networkOf(spec: NetworkSpec, ends: Ends): Made {
  const { input, outputs } = ends;
  const [side, channels] = [input.slice(0, 2), input.at(-1)!];
  const of = (module: string, name: string, own: Readonly<Record<string, Expression>> = {}): Made => ({
    call: { call: name, named: { channels, ...own, outputs } },
    imports: [[module, name]],
  });
  switch (spec.family) {
    case 'mlp': {
      const inputs = input.reduce((product, each) => product * each, 1);
      const named = { inputs, widths: spec.widths, outputs };
      return { call: { call: 'MLP', named }, imports: [['mlp', 'MLP']] };
    }
    case 'cnn':
      return of('cnn', 'CNN', { widths: spec.widths, convs: spec.convsPerBlock, pool_last: spec.poolLast });
    case 'elu':
      return eluCnn({ blocks: eluBlocks(spec.widths, spec.convsPerBlock), activation: 'elu' }, ends);
    case 'resnet':
      return of('resnet', 'ResNet', { depth: spec.depth, width: spec.width });
    case 'wrn':
      return of('wrn', 'WideResNet', { depth: spec.depth, widening: spec.widening });
    case 'vgg':
      return of('vgg', 'VGG', { widths: vggWidths[spec.depth], large: side[0]! >= 64 });
    case 'mobilenet-v2':
      return of('mobilenet_v2', 'MobileNetV2');
    case 'wide-mobilenet-v2':
      return of('wide_mobilenet_v2', 'WideMobileNetV2', { photographs: spec.images === 'photographs' });
    case 'shufflenet-v1':
      return of('shufflenet_v1', 'ShuffleNetV1');
    case 'shufflenet-v2':
      return of('shufflenet_v2', 'ShuffleNetV2');
    case 'imagenet-resnet':
      return of('imagenet_resnet', 'ImageNetResNet', { depth: spec.depth, stem: spec.stem });
    case 'vgg-bn':
      return of('vgg_bn', 'TorchvisionVGG', {
        widths: vggWidths[spec.depth],
        ...(spec.hidden === null ? {} : { hidden: spec.hidden }),
        ...(spec.flat ? { side } : {}),
      });
  }
}

function eluCnn({ blocks, activation }: EluCnn, { input, outputs }: Ends): Made {
  return {
    call: {
      call: 'EluCNN',
      named: {
        channels: input.at(-1)!,
        side: input.slice(0, 2),
        blocks: blocks.map(({ filters, convs, norms = convs, dropout }) => ({
          call: 'BlockSizes',
          named: { filters, convs, norms, dropout },
        })),
        outputs,
        ...(activation === 'elu' ? {} : { activation }),
      },
    },
    imports: [
      ['elu_cnn', 'BlockSizes'],
      ['elu_cnn', 'EluCNN'],
    ],
  };
}

/** A list of calls; of several alike one, that is repeated. */
function listOf(calls: readonly Call[]): string {
  const [first] = calls;
  if (!first) return '[]';
  const text = pythonText(first, 4, 8);
  const isSame = calls.length > 1 && calls.every((call) => pythonText(call, 4, 8) === text);
  return isSame ? `[${text} for _ in range(${calls.length})]` : pythonText(calls, 4, 7);
}
