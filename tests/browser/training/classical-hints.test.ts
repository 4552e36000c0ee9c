/** Hints that prepare, remember, draw or change with time: the same numbers on every backend, recorded or not. */
import { it } from 'vitest';
import { tinyRecipe } from '../../unit/training/tiny';
import { expectCpuNumbers, schedule, student, teacher } from './run-on-backends';

it('a run with banks, attention between layers and a learned temperature gives the cpu backend’s numbers on wasm and WebGPU', () =>
  expectCpuNumbers(
    tinyRecipe({
      teacher,
      student,
      hints: [
        { id: 'crd', weight: 0.1, knobs: { negatives: 16, width: 8 } },
        { id: 'semckd', weight: 0.1, knobs: { layers: 1 } },
        { id: 'ctkd', weight: 0.5, knobs: { loops: 100 } },
      ],
      schedule,
    }),
  ));
