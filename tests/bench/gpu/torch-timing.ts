/** Has PyTorch time the same steps, where Python has it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineCase } from '../engine/training';

/** A row of `pytorch.py`. */
export interface TorchMeasurement {
  case: string;
  ms: number;
  overlappedMs: number;
  firstMs: number;
  steps: number;
  parameters: number;
  /** Most memory of the device's tensors during a step; null on the processor. */
  bytes: number | null;
}

export interface TorchResult {
  version: string;
  device: string;
  measurements: TorchMeasurement[];
}

/** Beside the bundle, where the build puts it. */
const script = fileURLToPath(new URL('./pytorch.py', import.meta.url));

/** @returns a sentence instead where there is no PyTorch, or where it fails: the engine's times are worth printing alone */
export function measureTorch(
  cases: readonly EngineCase[],
  limit: { steps: number; ms: number },
  device: string,
): TorchResult | string {
  const python = ['python3', 'python'].find(
    (command) => spawnSync(command, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  if (!python) return 'PyTorch was not timed: python3 -c "import torch" does not work here.';
  const { status, stdout } = spawnSync(python, [script], {
    input: JSON.stringify({ cases, limit, device }),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) return 'PyTorch could not time the steps; what it said is above.';
  return JSON.parse(stdout) as TorchResult;
}
