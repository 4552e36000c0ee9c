/** Hints that prepare, remember, draw or change with time: the same numbers on every backend, recorded or not. */
import { it } from 'vitest';
import { tinyRecipe } from '../../unit/training/tiny';
import { expectCpuNumbers, schedule, student, teacher } from './run-on-backends';

const recipes = {
  'banks, attention between layers and a learned temperature': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'crd', weight: 0.1, knobs: { negatives: 16, width: 8 } },
      { id: 'semckd', weight: 0.1, knobs: { layers: 1 } },
      { id: 'ctkd', weight: 0.5, knobs: { loops: 100 } },
    ],
    schedule,
  }),
  'two first stages, then margins, under DOT': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'ab', weight: 1, knobs: { initShare: 50 } },
      { id: 'ft', weight: 1, knobs: { initShare: 50 } },
      { id: 'ofd', weight: 0.001 },
    ],
    schedule: { ...schedule, optimiser: 'dot' },
  }),
  'a changed view, and embeddings of both': tinyRecipe({
    teacher,
    student,
    hints: [
      { id: 'mlld', weight: 0.1, knobs: { asCoded: false } },
      { id: 'cc', weight: 0.1, knobs: { form: 'embedded', width: 8 } },
    ],
    schedule,
  }),
};

it.each(Object.entries(recipes))(
  'a run with %s gives the cpu backend’s numbers on wasm and WebGPU',
  (_, recipe) => expectCpuNumbers(recipe),
);
