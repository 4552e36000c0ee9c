import type { HintAbout, PairFacts } from '../../about';
import { defineKnobs, type ValuesOf } from '../../knobs';

export const introspectiveKnobs = defineKnobs({
  explanation: {
    kind: 'choice',
    label: 'Explanation',
    help: 'What of an instance speaks for a class. “Class activation map” reads the last feature map through the classifier; the gradient of a logit by the input works for any network, tables too, and costs a backward pass per class. “As the network allows” takes the map where there is one, else the gradient.',
    options: [
      { value: 'auto', label: 'As the network allows' },
      { value: 'map', label: 'Class activation map' },
      { value: 'gradient', label: 'Gradient' },
      { value: 'gradient-input', label: 'Gradient × input' },
    ],
    default: 'auto',
  },
  similarity: {
    kind: 'choice',
    label: 'Similarity',
    help: 'As it is; or two controls: the same for all wrong classes (label smoothing), or dealt to the wrong classes at random.',
    options: [
      { value: 'similarity', label: 'As explained' },
      { value: 'uniform', label: 'Uniform' },
      { value: 'shuffled', label: 'Shuffled' },
    ],
    default: 'similarity',
  },
  epsilon: {
    kind: 'number',
    label: 'Smoothing',
    symbol: '\\epsilon',
    help: 'Probability that the target gives to the wrong classes together.',
    min: 0,
    max: 0.5,
    step: 0.01,
    default: 0.1,
    live: true,
  },
  tau: {
    kind: 'number',
    label: 'Sharpness',
    symbol: '\\tau',
    help: 'Divides the similarities before their softmax: lower gives more to the most similar class.',
    min: 0.05,
    max: 1,
    step: 0.05,
    default: 0.2,
    live: true,
  },
  lambda: {
    kind: 'number',
    label: 'Share of the target',
    symbol: '\\lambda',
    help: 'Share of the soft target in the loss; the rest is the cross-entropy with the label.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.5,
    live: true,
  },
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Softens the target and the student’s answer.',
    min: 1,
    max: 4,
    step: 0.5,
    default: 1,
    live: true,
  },
  from: {
    kind: 'number',
    label: 'From',
    unit: '% of the run',
    help: 'Until then the loss is the cross-entropy alone: a network that knows nothing explains nothing.',
    min: 0,
    max: 90,
    step: 5,
    default: 10,
    live: true,
  },
});

/** More classes than this are too many backward passes a step. */
const mostGradients = 10;

type Explained = Pick<PairFacts, 'student'>;

/** Whether a network ends in a feature map, its average and a dense layer, which a class activation map reads. */
function hasClassMap({ student }: Explained): boolean {
  const last = student.stages.at(-1);
  const isMap = last !== undefined && last.length === 3 && last[0]! * last[1]! > 1;
  return isMap && last[2] === student.embedding[0];
}

/** The explanation that is computed for this student. */
export function explanationOf(
  { explanation }: ValuesOf<typeof introspectiveKnobs>,
  pair: Explained,
): 'map' | 'gradient' | 'gradient-input' {
  if (explanation !== 'auto') return explanation;
  return hasClassMap(pair) ? 'map' : 'gradient';
}

export const introspective = {
  id: 'introspective',
  title: 'Introspective learning',
  kind: 'logits',
  reads: [],
  targets: ['class'],
  line: 'A soft target from the student’s own explanations: classes that it sees in the same places are alike.',
  paper: {
    authors: 'Gu, Wu, Tresp',
    title: 'Introspective learning by distilling knowledge from online self-explanation',
    venue: 'ACCV',
    year: 2020,
    url: 'https://arxiv.org/abs/2009.09140',
  },
  badge: 'reconstruction',
  formula:
    '\\ell_i = (1-\\lambda)\\,\\mathrm{CE}_i + \\lambda T^2\\,\\mathrm{KL}(q_i^{(T)}\\|p_i^{(T)}),\\quad q_{iy}=1-\\epsilon,\\; q_{ik}=\\epsilon\\,\\mathrm{softmax}_{k\\ne y}\\big(\\cos(E_k,E_y)/\\tau\\big)',
  defaultWeight: 1,
  knobs: introspectiveKnobs,
  refuse: (pair, knobs) => {
    const { outputs, names } = pair;
    if (outputs < 3)
      return 'This loss compares the wrong classes with each other, and with two classes there is only one. Use label smoothing.';
    if (knobs.similarity === 'uniform') return null;
    if (explanationOf(knobs, pair) === 'map')
      return hasClassMap(pair)
        ? null
        : `A class activation map needs a network that ends in a feature map, its average and a dense layer, and ${names.student} does not. Set “${introspectiveKnobs.explanation.label}” to “As the network allows”.`;
    if (outputs <= mostGradients) return null;
    const instead = hasClassMap(pair)
      ? 'Take the class activation map.'
      : `Take a student with a class activation map, such as cnn-8-16-32, or the similarity “Uniform”.`;
    return `An explanation by gradients takes a backward pass for each class, and ${outputs} are too many. ${instead}`;
  },
} as const satisfies HintAbout<typeof introspectiveKnobs>;
