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
    line: 'Five labelled digits of each kind and 1,300 without a label, which only the teacher can name.',
  },
  {
    id: 'soft-or-hard',
    title: 'Soft or hard answers?',
    line: 'A third student learns the teacher’s top class alone. How much of the gain is softness?',
  },
  {
    id: 'wrong-labels',
    title: 'Wrong labels',
    line: 'Four labels in ten are wrong. The teacher learned from correct ones and puts the student right.',
  },
  {
    id: 'clothes-ten-labels',
    title: 'Clothes, ten labels a class',
    line: 'Fashion images: ten labels a class, six thousand images without.',
  },
  {
    id: 'unnamed-class',
    title: 'A class nobody named',
    line: 'The student never gets a label for the digit 3, and learns it from the teacher’s doubts.',
  },
  {
    id: 'hkd-nonsense-hint',
    title: 'HKD against a nonsense hint',
    line: 'One of two hints shows the teacher’s view of other images. Watch its weight sink.',
  },
  {
    id: 'hkd-half-wrong-teacher',
    title: 'HKD with a half-wrong teacher',
    line: 'The teacher is wrong about half of the classes. The weights split by class, more or less, depending on the seed.',
  },
];

export async function loadExample(id: string): Promise<RecipeReading> {
  const response = await fetch(`${import.meta.env.BASE_URL}examples/${id}.json`);
  if (!response.ok) throw new Error(`The example “${id}” could not be fetched (${response.status}).`);
  const { recipe, problems } = readRecipe((await response.json()) as unknown);
  return { recipe: { ...recipe, example: id }, problems };
}
