/**
 * Compiles the kernels of `src/engine/wasm/assembly` (AssemblyScript, from the npm registry alone) and hands them to
 * the sources as `virtual:wasm-kernels`, whose default export is the module, deflated, in base64: a third of its size. It lies
 * in the code and is no file of its own, so that the page, its workers, Node and every bundle load it the same way.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/engine/wasm/assembly');
const cache = join(root, 'node_modules/.cache/wasm-kernels');
const name = 'virtual:wasm-kernels';
const resolved = `\0${name}`;

/** The module has no memory of its own and no data: it works in that of TensorFlow.js. */
const options = [
  ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  // Memory of the largest size, as TensorFlow.js's: such a limit makes it one byte to say that it is shared.
  ['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--noExportMemory'],
].flat();

/** @returns {Promise<Buffer>} the compiled module, from the cache if nothing has changed */
export async function compileKernels() {
  const hash = createHash('sha256').update(options.join(' '));
  hash.update(readFileSync(join(root, 'node_modules/assemblyscript/package.json')));
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  const path = join(cache, `${hash.digest('hex').slice(0, 16)}.wasm`);
  if (existsSync(path)) return readFileSync(path);
  mkdirSync(cache, { recursive: true });
  // Loaded when it is needed: the compiler is 100 MB.
  const { default: asc } = await import('assemblyscript/asc');
  const own = join(cache, `${randomUUID()}.wasm`);
  /** @type {string[]} */
  const said = [];
  const stderr = { write: (/** @type {string | Uint8Array} */ text) => void said.push(String(text)) };
  const { error } = await asc.main([join(folder, 'index.ts'), ...options, '--outFile', own], { stderr });
  if (error) throw new Error(`The WebAssembly kernels do not compile.\n${said.join('')}`, { cause: error });
  // Whole under its name at once: another program may be compiling the same.
  renameSync(own, path);
  return readFileSync(path);
}

/** @returns {import('vite').Plugin} */
export function wasmKernels() {
  return {
    name: 'retort:wasm-kernels',
    resolveId: (id) => (id === name ? resolved : null),
    async load(id) {
      if (id !== resolved) return null;
      for (const file of readdirSync(folder)) this.addWatchFile(join(folder, file));
      const packed = deflateRawSync(await compileKernels(), { level: 9 });
      return `export default ${JSON.stringify(packed.toString('base64'))};`;
    },
  };
}
