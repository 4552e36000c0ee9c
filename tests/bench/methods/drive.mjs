/** Methods beside a plain step of the same run, on WebAssembly in Node. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleForNode } from '../../../scripts/node-bundle.mjs';
import { root } from '../../../scripts/prepare.mjs';

const out = join(root, 'node_modules/.cache/bench-methods');

/** Prints a table of processor time per step and its ratio to the first row of the same run, with the middle half. */
export async function benchMethods() {
  await bundleForNode(out, { runner: 'tests/bench/methods/runner.ts' });
  const { status, stdout } = spawnSync(process.execPath, [join(out, 'runner.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The methods could not be timed.');
  /** @type {{ case: string, ms: number, times: number, low: number, high: number }[]} */
  const rows = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
  console.table(
    rows.map((row) => ({
      case: row.case,
      'processor ms': row.ms.toPrecision(3),
      'times the plain step': `${row.times.toFixed(2)} (${row.low.toFixed(2)}, ${row.high.toFixed(2)})`,
    })),
  );
}
