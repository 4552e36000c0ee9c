/** Command-line options of the GPU benchmark. */
import { parseArgs } from 'node:util';

export interface GpuOptions {
  /** Only cases whose name contains this. */
  cases: string;
  /** Times single convolutions whose name contains this, instead of steps; null for steps. */
  convolutions: string | null;
  /** Timed steps at most, per row. */
  steps: number;
  /** Whether training passes keep their maps in half precision. */
  half: boolean;
  /** Flags of Dawn. */
  dawn: string[];
  /** PyTorch's name of a device, such as `cuda:1`; empty for the first one it finds. */
  torchDevice: string;
}

const usage =
  'Options: --case TEXT (part of a name), --convolutions TEXT (times these alone; "" for all), --steps N, --half (maps in half precision), --dawn NAME=VALUE (may be repeated), --torch-device NAME';

/** @throws Error with the usage when the command line is not understood */
export function readOptions(args: string[]): GpuOptions {
  try {
    return parse(args);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
}

function parse(args: string[]): GpuOptions {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: 'string', default: '' },
      convolutions: { type: 'string' },
      steps: { type: 'string', default: '50' },
      half: { type: 'boolean', default: false },
      dawn: { type: 'string', multiple: true, default: [] },
      'torch-device': { type: 'string', default: '' },
    },
  });
  const steps = Number(values.steps);
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error('--steps takes a number of steps, 1 or more.');
  return {
    cases: values.case,
    convolutions: values.convolutions ?? null,
    steps,
    half: values.half,
    dawn: values.dawn,
    torchDevice: values['torch-device'],
  };
}
