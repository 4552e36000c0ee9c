import { networkProblem, networkSuggestions } from '../../nn/network-names';
import { defineKnobs, type KnobValues } from '../knobs';

const full = '32';

const isLow = ({ bitsWeights, bitsActivations }: KnobValues) =>
  bitsWeights !== full || bitsActivations !== full;

export const studentKnobs = defineKnobs({
  network: {
    kind: 'text',
    label: 'Student network',
    help: 'Small on purpose: what would run on the device in the end.',
    default: 'mlp-32',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
  bitsWeights: {
    kind: 'choice',
    label: 'Weights',
    help: 'Each kernel is rounded to few levels whenever it is used, in training and after it. What is trained stays in full precision.',
    options: [
      { value: '2', label: '2 bits' },
      { value: '3', label: '3 bits' },
      { value: '4', label: '4 bits' },
      { value: '8', label: '8 bits' },
      { value: full, label: '32 bits (full)' },
    ],
    default: full,
  },
  bitsActivations: {
    kind: 'choice',
    label: 'Activations',
    help: 'In place of a ReLU, values are cut off at 0 and 1 and rounded to 2^bits levels.',
    options: [
      { value: '2', label: '2 bits' },
      { value: '4', label: '4 bits' },
      { value: '8', label: '8 bits' },
      { value: full, label: '32 bits (full)' },
    ],
    default: full,
  },
  quantizer: {
    kind: 'choice',
    label: 'Quantiser',
    help: 'How a kernel is rounded. Scaled WRPN and WRPN have 2^bits - 1 levels, with zero among them; DoReFa has 2^bits, without zero. Plain WRPN does not scale: at 2 bits every weight below 0.5 becomes 0.',
    options: [
      { value: 'scaled', label: 'Scaled WRPN' },
      { value: 'wrpn', label: 'WRPN' },
      { value: 'dorefa', label: 'DoReFa' },
    ],
    default: 'scaled',
    when: ({ bitsWeights }) => bitsWeights !== full,
  },
  exempt: {
    kind: 'choice',
    label: 'Full precision for',
    help: 'The first layer, the last activation and the classifier suffer most from rounding, and are few.',
    options: [
      { value: 'first-last', label: 'First and last layer' },
      { value: 'none', label: 'None' },
    ],
    default: 'first-last',
    when: isLow,
  },
  full: {
    kind: 'switch',
    label: 'Full-precision twin',
    help: 'Trains the same network in full precision from the labels beside it, and shows what is left of it when it is rounded afterwards. A step costs as much more as the baseline does.',
    default: true,
    when: isLow,
  },
  start: {
    kind: 'choice',
    label: 'First weights',
    help: 'Drawn anew, or those of the teacher, which must then be one network of the same kind. All lines start from them.',
    options: [
      { value: 'drawn', label: 'Drawn' },
      { value: 'teacher', label: 'The teacher’s' },
    ],
    default: 'drawn',
    advanced: true,
  },
  view: {
    kind: 'choice',
    label: 'Student sees',
    for: { inputs: ['image'] },
    help: 'The picture that the teacher sees, or that picture at half size, each 2×2 block averaged. Then the teacher knows more than the student can see (resolution distillation, a privileged input), and the student costs a quarter. The baseline sees what the student sees.',
    options: [
      { value: 'same', label: 'The same picture' },
      { value: 'half', label: 'The picture at half size' },
    ],
    default: 'same',
    advanced: true,
  },
});
