/** Entry point of `npm run bench` in the page. Progress goes to the console, which the script prints. */
import { measureConvolutions, type ConvolutionsResult } from './convolutions';
import { measureKernels, type KernelsResult } from './kernels';
import { measureLong, type LongResult } from './long';
import { measureEngine, type EngineResult } from './measure';
import { measureRuns, type RunsResult } from './run-timings';

export interface EngineBench {
  all(): Promise<EngineResult>;
  long(steps: number): Promise<LongResult>;
  kernels(name: string): Promise<KernelsResult[]>;
  runs(backend: 'webgpu' | 'wasm'): Promise<RunsResult>;
  convolutions(name: string): Promise<ConvolutionsResult>;
}

const bench: EngineBench = {
  all: () =>
    measureEngine(({ case: name, runner, ms }) => console.log(`${name}: ${runner} ${ms.toFixed(1)} ms`)),
  long: (steps) =>
    measureLong(steps, ({ steps: done, ms }) => console.log(`${done} steps: ${ms.toFixed(2)} ms each`)),
  kernels: measureKernels,
  runs: (backend) =>
    measureRuns(backend, ({ case: name, images, ms }) =>
      console.log(`${name}, ${images} images: ${ms.toFixed(1)} ms`),
    ),
  convolutions: (name) =>
    measureConvolutions(name, ({ case: one, end, ms }) =>
      console.log(
        `${one}, ${end}: ${[ms.threads, ms.workgroups, ms.stock].map((each) => each?.toFixed(1)).join(' ')}`,
      ),
    ),
};
Object.assign(window, { engineBench: bench });
