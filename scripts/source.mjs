/** Runs the project's own TypeScript in Node, through a Vite server without a port. */
import { root } from './prepare.mjs';
import { tensorflowEntries } from './tensorflow-entries.mjs';

/**
 * @template T
 * @param {string} path of a module, from the project's folder: "/tests/golden/cli.ts"
 * @param {(module: Record<string, any>) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withModule(path, work) {
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
    return await work(await server.ssrLoadModule(path));
  } finally {
    await server.close();
  }
}
