import { readRecipe, type RecipeReading } from '../distill/recipe';

export interface Example {
  id: string;
  title: string;
  /** What it shows, one line. */
  line: string;
}

/** Recipes that show something; the files are in public/examples. The first one opens with the page. */
export const examples: readonly Example[] = [
  {
    id: 'few-labels',
    title: 'Few labels',
    line: 'Five labelled images per digit and 1,300 unlabelled ones, for which only the teacher gives a target.',
  },
  {
    id: 'soft-or-hard',
    title: 'Soft targets or hard labels?',
    line: 'A third student learns the teacher’s hard labels alone. How much of the gain is softness?',
  },
  {
    id: 'wrong-labels',
    title: 'Label noise',
    line: 'Four labels in ten are wrong. The teacher was trained on correct ones and corrects the student.',
  },
  {
    id: 'clothes-ten-labels',
    title: 'Clothes, 10 labels per class',
    line: 'Fashion-MNIST: ten labels per class, six thousand unlabelled images.',
  },
  {
    id: 'unnamed-class',
    title: 'A class with no labels',
    line: 'The student never gets a label for the digit 3, and learns it from the teacher’s soft targets.',
  },
  {
    id: 'hkd-nonsense-hint',
    title: 'HKD against a shuffled teacher',
    line: 'One of two losses compares with the teacher’s output for other images. Watch its weight fall.',
  },
  {
    id: 'hkd-half-wrong-teacher',
    title: 'HKD with a half-wrong teacher',
    line: 'The teacher is wrong about half of the classes. The weights split by class, more or less, depending on the seed.',
  },
  {
    id: 'bss-boundary',
    title: 'At the teacher’s boundary',
    line: 'BSS with five labels per class and nothing else: images moved across the teacher’s boundary teach where soft targets alone do not.',
  },
  {
    id: 'ffsd-fused-students',
    title: 'Students that are fused',
    line: 'FFSD: the fusion of two students is better than each of them; the student that follows it gains nothing in a short run.',
  },
  {
    id: 'holistic-neighbours',
    title: 'Neighbours without soft targets',
    line: 'Holistic KD: the graph of nearest neighbours alone lifts the student, though less than soft targets do.',
  },
  {
    id: 'mismatched',
    title: 'Digits from gratings',
    line: 'The student never sees a digit, only the teacher’s answers to drawn gratings, and reads most digits in the end.',
  },
  {
    id: 'ensemble-switch',
    title: 'Sites that may not pool their data',
    line: 'Three teachers with 60 labels each take turns; the student, without a label, comes up to the best of them.',
  },
  {
    id: 'ternary-weights',
    title: 'Weights of three levels',
    line: 'A student whose kernels know only −s, 0 and s. Rounding a finished network destroys it; training with the rounding does not.',
  },
  {
    id: 'clear-teacher',
    title: 'A teacher that sees more',
    line: 'Student and tests see noisy digits; the teacher sees them before the noise.',
  },
  {
    id: 'small-pictures',
    title: 'Small pictures, large teacher',
    line: 'The student sees each digit at half the size that the teacher sees.',
  },
  {
    id: 'kd-uda',
    title: 'A background that nobody labelled',
    line: 'A teacher adapts to digits on a background without labels, and the student learns from it on both.',
  },
  {
    id: 'own-explanations',
    title: 'Learning from its own explanations',
    line: 'Introspective learning, a reconstruction: which digits does the student see in the same places? It does not help here.',
  },
];

export async function loadExample(id: string): Promise<RecipeReading> {
  const response = await fetch(`${import.meta.env.BASE_URL}examples/${id}.json`);
  if (!response.ok) throw new Error(`The example “${id}” could not be fetched (${response.status}).`);
  const { recipe, problems } = readRecipe((await response.json()) as unknown);
  return { recipe: { ...recipe, example: id }, problems };
}
