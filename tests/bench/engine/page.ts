/** What `npm run bench` calls in the page. Progress goes to the console, which the script passes on. */
import { measureKernels, type KernelsResult } from './kernels';
import { measureLong, type LongResult } from './long';
import { measureEngine, type EngineResult } from './measure';

export interface EngineBench {
  all(): Promise<EngineResult>;
  long(steps: number): Promise<LongResult>;
  kernels(name: string): Promise<KernelsResult[]>;
}

const bench: EngineBench = {
  all: () =>
    measureEngine(({ case: name, runner, ms }) => console.log(`${name}: ${runner} ${ms.toFixed(1)} ms`)),
  long: (steps) =>
    measureLong(steps, ({ steps: done, ms }) => console.log(`${done} steps: ${ms.toFixed(2)} ms each`)),
  kernels: measureKernels,
};
Object.assign(window, { engineBench: bench });
