/** Further hints on every backend, as in `classical-hints.test.ts`. */
import { it } from 'vitest';
import { tinyRecipe } from '../../unit/training/tiny';
import { expectCpuNumbers, schedule, student, teacher } from './run-on-backends';

it('a run with a changed view, and embeddings of both gives the cpu backend’s numbers on wasm and WebGPU', () =>
  expectCpuNumbers(
    tinyRecipe({
      teacher,
      student,
      hints: [
        { id: 'mlld', weight: 0.1, knobs: { asCoded: false } },
        { id: 'cc', weight: 0.1, knobs: { form: 'embedded', width: 8 } },
      ],
      schedule,
    }),
  ));
