/** The printed rows: ours and PyTorch's, case by case. */
import type { Measurement } from '../engine/measure';
import type { TorchMeasurement } from './torch-timing';

/** @throws Error when PyTorch trained a network of another size, which makes the times incomparable */
export function rows(
  ours: readonly Measurement[],
  torch: readonly TorchMeasurement[],
): Record<string, unknown>[] {
  return [...new Set(ours.map((one) => one.case))].flatMap((name) => {
    const here = ours.filter((one) => one.case === name);
    const stock = here.find(({ runner }) => runner === 'stock');
    const theirs = torch.find((one) => one.case === name);
    if (theirs && theirs.parameters !== here[0]!.parameters)
      throw new Error(
        `${name}: PyTorch trained ${theirs.parameters} numbers, WebGPU ${here[0]!.parameters}.`,
      );
    const all = theirs
      ? [...here, { ...theirs, runner: 'PyTorch eager', dispatches: null, hostMs: null }]
      : here;
    return all.map((one) => ({
      case: name,
      runner: one.runner,
      'ms/step': round(one.ms),
      'overlapped ms/step': round(one.overlappedMs),
      'x stock': stock ? round(stock.ms / one.ms) : '-',
      'x PyTorch': theirs ? round(theirs.ms / one.ms) : '-',
      dispatches: one.dispatches ?? '-',
      'host ms': round(one.hostMs),
      'GPU MB': round(one.bytes === null ? null : one.bytes / 1e6),
      'first step ms': Math.round(one.firstMs),
      'timed steps': one.steps,
    }));
  });
}

function round(value: number | null): number | string {
  return value === null ? '-' : Number(value.toPrecision(3));
}
