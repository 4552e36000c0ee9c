import { expect, test, vi } from 'vitest';
import { reportInput } from '../../../src/app/export/report-input';
import type { RunEntry } from '../../../src/app/store/library/library-store';
import { defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import type { RunEvent } from '../../../src/training/events';
import { studentStep as step } from '../record/told-runs';

function backendRow(events: RunEvent[]): string | number | undefined {
  vi.stubGlobal('location', { href: 'https://retort.example/' });
  const recipe = defaultRecipe();
  const record = new RunRecord('run', recipe);
  record.take(events);
  const run = { name: 'A', number: 1, recipe, state: 'running', final: null } as RunEntry;
  const [facts] = reportInput(run, record).tables;
  vi.unstubAllGlobals();
  return facts!.rows.find(([title]) => title === 'Backend')?.[1];
}

test('a report says what the run was carried out on, and from which step on another backend', () => {
  const webgpu: RunEvent = { type: 'backend', name: 'webgpu', device: 'A' };
  const wasm: RunEvent = { type: 'backend', name: 'wasm', device: 'SIMD' };
  expect(backendRow([webgpu, step(1)])).toBe('WebGPU (A)');
  expect(backendRow([webgpu, step(1), step(2), wasm, step(2)])).toBe(
    'WebGPU (A), then WebAssembly (SIMD) from step 2',
  );
  // Runs of older pages did not tell it.
  expect(backendRow([step(1)])).toBeUndefined();
});
