/**
 * `npm run bench:gpu`: the engine's training steps in Node on this machine's graphics card, and PyTorch's beside them.
 * Builds dist-bench, which holds all it needs and can be carried to another machine; `-- --build` stops there.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleForNode } from './node-bundle.mjs';
import { ensureInstalled, requireNode, root } from './prepare.mjs';

/** Dawn for Node. More than 100 MB, so it is no dependency of the project but is installed into dist-bench. */
const dawn = { name: 'webgpu', version: '0.6.2' };
const out = join(root, 'dist-bench');

requireNode();
ensureInstalled();
const args = process.argv.slice(2);
await buildBundle();
installDawn();
if (args.includes('--build'))
  console.log('dist-bench is ready: copy it to any machine and run "node main.mjs" in it.');
else
  process.exitCode =
    spawnSync(process.execPath, [join(out, 'main.mjs'), ...args], { stdio: 'inherit' }).status ?? 1;

/** The bench and the engine for Node; what was installed into the folder stays. */
async function buildBundle() {
  // Pieces of an earlier build would stay for ever.
  rmSync(join(out, 'chunks'), { recursive: true, force: true });
  await bundleForNode(out, { main: 'tests/bench/gpu/main.ts' }, { keep: true, external: [dawn.name] });
  copyFileSync(join(root, 'tests/bench/gpu/pytorch.py'), join(out, 'pytorch.py'));
  const manifest = { private: true, type: 'module', dependencies: { [dawn.name]: dawn.version } };
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function installDawn() {
  const installed = join(out, 'node_modules', dawn.name, 'package.json');
  if (existsSync(installed) && JSON.parse(readFileSync(installed, 'utf8')).version === dawn.version) return;
  console.error(
    `Installing ${dawn.name}@${dawn.version} (Dawn, 130 MB) into dist-bench (once, needs the network) ...`,
  );
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: out,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(
    `${dawn.name}@${dawn.version} could not be installed. Check the network, or run "npm install" in dist-bench yourself.`,
  );
  process.exit(1);
}
