/** `npm run golden -- DIR`: runs every golden case of a folder on the cpu backend, in Node. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInstalled, requireNode, root } from './prepare.mjs';
import { tensorflowEntries } from './tensorflow-entries.mjs';

requireNode();
const folder = process.argv[2];
if (!folder || process.argv.length > 3) {
  console.error(
    'Usage: npm run golden -- DIR   (DIR holds golden cases, such as src/distill/hints/dkd or tests/golden/data)',
  );
  process.exit(2);
}
// npm changes to the project's folder; relative names are meant from where the command was typed.
const path = resolve(process.env['INIT_CWD'] ?? process.cwd(), folder);
if (!existsSync(path)) {
  console.error(`There is no folder ${path}.`);
  process.exit(2);
}
ensureInstalled();

const { createServer } = await import('vite');
const server = await createServer({
  root,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  // TensorFlow.js must come from its ES build only: its two builds side by side are two engines. Bundled ahead,
  // because its wasm part mixes module systems.
  ssr: {
    noExternal: [/@tensorflow\//],
    optimizeDeps: { include: tensorflowEntries, noDiscovery: true },
  },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { runGoldenFolder } = await server.ssrLoadModule('/tests/golden/cli.ts');
  const { passed, failed } = await runGoldenFolder(path);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
} finally {
  await server.close();
}
