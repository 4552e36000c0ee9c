/** The training steps of `npm run bench`, in Node on whatever adapter Dawn finds, and by PyTorch: a table, then JSON. */
import { installDawn } from './dawn';
import { readOptions, type GpuOptions } from './options';
import type { Runner } from '../engine/measure';
import { rows } from './comparison';
import { measureTorch } from './torch-timing';

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Dawn's threads would keep the process alive; the output must be flushed first.
process.stdout.write('', () => process.exit());

async function main(options: GpuOptions): Promise<void> {
  const { cases: name, convolutions, steps, half, dawn, torchDevice } = options;
  const adapter = await installDawn(dawn);
  if (half && !adapter.half)
    throw new Error('--half: this adapter has no half-precision numbers in shaders (shader-f16).');
  if (convolutions !== null) {
    const { measureConvolutions } = await import('../engine/convolutions');
    const found = await measureConvolutions(convolutions, ({ case: one, end }) =>
      console.error(`${one}: ${end}`),
    );
    console.table(found.rows);
    console.log(JSON.stringify({ convolutions: { adapter, measurements: found.measurements } }));
    return;
  }
  // The engine's modules need WebGPU when they are loaded.
  const { engineCases, largeCases } = await import('../engine/cases');
  const { measureEngine } = await import('../engine/measure');
  const { measureRuns } = await import('../engine/run-timings');
  const { measureWholeRun, wholeRunName } = await import('./whole-run');
  const { keepMapsInHalf } = await import('../../../src/engine/half-maps');
  keepMapsInHalf(half);
  // On a processor a large step takes seconds, and a whole run minutes: only where they are named.
  const takesAll = !adapter.isSoftware || name !== '';
  if (!takesAll)
    console.error(
      'A software adapter: large cases and whole runs are left out. Name them with --case to take them.',
    );
  const wanted = (one: string) => one.includes(name);
  const small = engineCases.filter((one) => wanted(one.name));
  const large = takesAll ? largeCases.filter((one) => wanted(one.name)) : [];
  const cases = [...small, ...large];
  const limit = { steps, ms: 2000 };
  const limits = { captured: limit, eager: limit, stock: limit, wasm: limit };
  const measured = (of: typeof cases, runners: Runner[]) =>
    of.length === 0
      ? []
      : measureEngine(({ case: one, runner, ms }) => console.error(`${one}: ${runner} ${ms.toFixed(2)} ms`), {
          cases: of,
          limits,
          runners,
          overlapped: true,
        }).then(({ measurements: found }) => found);
  // The composed filter gradients of TensorFlow.js as it comes take many times the memory.
  const measurements = [
    ...(await measured(small, ['captured', 'eager', 'stock'])),
    ...(await measured(large, ['captured', 'eager'])),
  ];
  const torch = cases.length === 0 ? 'PyTorch has nothing to time.' : measureTorch(cases, limit, torchDevice);
  // Those are in single precision.
  const runs =
    takesAll && !half
      ? await measureRuns(
          'webgpu',
          ({ case: one, ms }) => console.error(`${one}: ${ms.toFixed(2)} ms`),
          (one) => wanted(one) && one !== wholeRunName,
        )
      : null;
  const whole =
    takesAll && wanted(wholeRunName) ? await measureWholeRun(steps, half ? 'half' : 'single') : null;
  if (cases.length + (runs?.measurements.length ?? 0) === 0 && !whole)
    throw new Error(`No case is called like "${name}".`);
  const software = adapter.isSoftware ? ' (software, computes on the processor)' : '';
  console.log(`\nWebGPU: ${adapter.device || adapter.vendor}${software}, driver: ${adapter.driver}`);
  if (half) console.log('Maps of our steps are kept in half precision.');
  console.log(typeof torch === 'string' ? torch : `PyTorch ${torch.version}: ${torch.device}`);
  if (cases.length > 0)
    console.table(rows(measurements, typeof torch === 'string' ? [] : torch.measurements));
  if (runs && runs.measurements.length > 0)
    console.table(
      runs.measurements.map(({ case: one, images, ms, dispatches }) => ({
        case: one,
        images,
        'ms/step': Number(ms.toPrecision(3)),
        dispatches,
      })),
    );
  if (whole) console.table([whole]);
  console.log(
    JSON.stringify({ gpu: { adapter, half, node: process.version, measurements, torch, runs, whole } }),
  );
}
