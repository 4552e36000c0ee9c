/** The training steps of `npm run bench`, in Node on whatever adapter Dawn finds, and by PyTorch: a table, then JSON. */
import { installDawn } from './dawn';
import { readOptions, type GpuOptions } from './options';
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

async function main({ cases: name, convolutions, steps, dawn, torchDevice }: GpuOptions): Promise<void> {
  const adapter = await installDawn(dawn);
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
  const { engineCases } = await import('../engine/cases');
  const { measureEngine } = await import('../engine/measure');
  const cases = engineCases.filter((one) => one.name.includes(name));
  if (cases.length === 0) throw new Error(`No case is called like "${name}".`);
  const limit = { steps, ms: 2000 };
  const limits = { captured: limit, eager: limit, stock: limit, wasm: limit };
  const { measurements } = await measureEngine(
    ({ case: one, runner, ms }) => console.error(`${one}: ${runner} ${ms.toFixed(2)} ms`),
    { cases, limits, runners: ['captured', 'eager', 'stock'], overlapped: true },
  );
  const torch = measureTorch(cases, limit, torchDevice);
  const software = adapter.isSoftware ? ' (software, computes on the processor)' : '';
  console.log(`\nWebGPU: ${adapter.device || adapter.vendor}${software}, driver: ${adapter.driver}`);
  console.log(typeof torch === 'string' ? torch : `PyTorch ${torch.version}: ${torch.device}`);
  console.table(rows(measurements, typeof torch === 'string' ? [] : torch.measurements));
  console.log(JSON.stringify({ gpu: { adapter, node: process.version, measurements, torch } }));
}
