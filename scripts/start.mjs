/** `npm start`: from a fresh clone to the page in one command. */
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { BadOrder, runToExit } from './command.mjs';
import { ensureBuilt, ensureInstalled, requireNode, servePreview } from './prepare.mjs';

const usage = `Usage:
  npm start [-- --host] [-- --no-open]
      --host: serves the page to other machines of the network too, such as those of a class`;

function readOrder() {
  try {
    return parseArgs({ options: { host: { type: 'boolean' }, 'no-open': { type: 'boolean' } } }).values;
  } catch (error) {
    throw new BadOrder(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Addresses by which other machines of the network reach this one. */
function ownAddresses() {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

async function main() {
  const { host: forAll = false, 'no-open': closed = false } = readOrder();
  requireNode();
  ensureInstalled();
  await ensureBuilt();

  const hasScreen =
    process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
  const open = hasScreen && !process.env['CI'] && !closed;
  const { url, port } = await servePreview({ host: 'localhost', port: 4173, open, forAll });
  console.log(`Retort is at ${url}  (Ctrl+C stops it)`);
  if (!forAll) return 0;
  for (const address of ownAddresses()) console.log(`Others reach it at http://${address}:${port}/`);
  console.log(
    'Over plain http their browsers train without WebGPU and keep no runs after the tab is closed; put a server with https before it for that.',
  );
  return 0;
}

await runToExit(main, usage);
