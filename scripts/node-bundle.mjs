/** Bundles of the project's TypeScript with the engine, for Node to run. */
import { root } from './prepare.mjs';
import { wasmKernels } from './wasm-kernels.mjs';

/**
 * Writes `NAME.mjs` for every entry, and what they share, into a folder.
 * @param {string} folder
 * @param {Record<string, string>} entries modules by name, as paths from the project's folder
 * @param {{ keep?: boolean, external?: string[] }} [options] `keep` leaves what else lies in the folder; `external`
 * packages are left to Node
 */
export async function bundleForNode(folder, entries, { keep = false, external = [] } = {}) {
  // Needs the packages.
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [wasmKernels()],
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: !keep,
      target: 'node20',
      rolldownOptions: {
        input: entries,
        external,
        output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name].mjs' },
      },
    },
  });
}
