import { readRecipe, type RecipeReading } from '../distill/recipe';

export interface Example {
  id: string;
  title: string;
  /** What it shows, one line. */
  line: string;
  /** Heading under which the menu shows it. */
  group: ExampleGroup;
}

/** Headings of the menu, in its order. */
export const exampleGroups = [
  'Start here',
  'Weights per instance',
  'Losses beside soft targets',
  'Other teachers and students',
  'Data and what is seen of it',
] as const;

export type ExampleGroup = (typeof exampleGroups)[number];

/** Recipes that show something, group by group; the files are in public/examples. The first one opens with the page. */
export const examples: readonly Example[] = [
  {
    id: 'few-labels',
    title: 'Few labels',
    line: 'Five labelled images per digit and 1,300 unlabelled ones, for which only the teacher gives a target.',
    group: 'Start here',
  },
  {
    id: 'soft-or-hard',
    title: 'Soft targets or hard labels?',
    line: 'A third student learns the teacher’s hard labels alone. How much of the gain is softness?',
    group: 'Start here',
  },
  {
    id: 'wrong-labels',
    title: 'Label noise',
    line: 'Four labels in ten are wrong. The teacher was trained on correct ones and corrects the student.',
    group: 'Start here',
  },
  {
    id: 'clothes-ten-labels',
    title: 'Clothes, 10 labels per class',
    line: 'Fashion-MNIST: ten labels per class, six thousand unlabelled images.',
    group: 'Start here',
  },
  {
    id: 'unnamed-class',
    title: 'A class with no labels',
    line: 'The student never gets a label for the digit 3, and learns it from the teacher’s soft targets.',
    group: 'Start here',
  },
  {
    id: 'hkd-nonsense-hint',
    title: 'HKD against a shuffled teacher',
    line: 'One of two losses compares with the teacher’s output for other images. Watch its weight fall.',
    group: 'Weights per instance',
  },
  {
    id: 'hkd-half-wrong-teacher',
    title: 'HKD with a half-wrong teacher',
    line: 'The teacher is wrong about half of the classes. The weights split by class, more or less, depending on the seed.',
    group: 'Weights per instance',
  },
  {
    id: 'bss-boundary',
    title: 'At the teacher’s boundary',
    line: 'BSS with five labels per class and nothing else: images moved across the teacher’s boundary teach where soft targets alone do not.',
    group: 'Losses beside soft targets',
  },
  {
    id: 'holistic-neighbours',
    title: 'Neighbours without soft targets',
    line: 'Holistic KD: the graph of nearest neighbours alone lifts the student, though less than soft targets do.',
    group: 'Losses beside soft targets',
  },
  {
    id: 'dfa-mix',
    title: 'Which maps to follow',
    line: 'DFA searches a mix of the teacher’s maps beforehand. The plain last map teaches more here; watch what the search prefers.',
    group: 'Losses beside soft targets',
  },
  {
    id: 'own-explanations',
    title: 'Learning from its own explanations',
    line: 'Introspective learning, a reconstruction: which digits does the student see in the same places? It does not help here.',
    group: 'Losses beside soft targets',
  },
  {
    id: 'ffsd-fused-students',
    title: 'Students that are fused',
    line: 'FFSD: the fusion of two students is better than each of them; the student that follows it gains nothing in a short run.',
    group: 'Other teachers and students',
  },
  {
    id: 'ensemble-switch',
    title: 'Sites that may not pool their data',
    line: 'Three teachers with 60 labels each take turns; the student, without a label, comes up to the best of them.',
    group: 'Other teachers and students',
  },
  {
    id: 'ternary-weights',
    title: 'Weights of three levels',
    line: 'A student whose kernels know only −s, 0 and s. Rounding a finished network destroys it; training with the rounding does not.',
    group: 'Other teachers and students',
  },
  {
    id: 'mismatched',
    title: 'Digits from gratings',
    line: 'The student never sees a digit, only the teacher’s answers to drawn gratings, and reads most digits in the end.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'kd-uda',
    title: 'A background that nobody labelled',
    line: 'A teacher adapts to digits on a background without labels, and the student learns from it on both.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'generated-digits',
    title: 'Digits that a network made',
    line: 'cGAN-KD: beside 50 real labels the student learns from 600 generated digits, filtered and labelled by the teacher.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'train-a-generator',
    title: 'A generator that learns before your eyes',
    line: 'A GAN of digits learns in the page; its pictures are sampled by a density ratio and filtered. Takes minutes.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'generated-clock-hands',
    title: 'Clock hands that a network made',
    line: 'cGAN-KD for numbers: a GAN draws clock hands for any angle, and the teacher reads off the value of each. Takes minutes.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'clear-teacher',
    title: 'A teacher that sees more',
    line: 'Student and tests see noisy digits; the teacher sees them before the noise.',
    group: 'Data and what is seen of it',
  },
  {
    id: 'small-pictures',
    title: 'Small pictures, large teacher',
    line: 'The student sees each digit at half the size that the teacher sees.',
    group: 'Data and what is seen of it',
  },
];

export async function loadExample(id: string): Promise<RecipeReading> {
  const response = await fetch(`${import.meta.env.BASE_URL}examples/${id}.json`);
  if (!response.ok) throw new Error(`The example “${id}” could not be fetched (${response.status}).`);
  const { recipe, problems } = readRecipe((await response.json()) as unknown);
  return { recipe: { ...recipe, example: id }, problems };
}
