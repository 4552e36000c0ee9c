/** Times the same steps in PyTorch, if Python has it. */
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
  /** Peak memory of the device's tensors during a step; null on the CPU. */
  bytes: number | null;
}

export interface TorchResult {
  version: string;
  device: string;
  measurements: TorchMeasurement[];
}

/** Beside the bundle, where the build puts it. */
const script = fileURLToPath(new URL('./pytorch.py', import.meta.url));

/**
 * @returns a sentence in place of times when PyTorch is missing or fails, because the engine's times are useful alone
 */
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
