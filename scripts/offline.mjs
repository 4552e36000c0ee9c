/** Vite plugin for the service worker: its list of files is known only when everything else is built. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Name of the entry and of its file, which must be the same in every build. */
export const serviceWorker = 'service-worker';

/** Public files above this size come when they are asked for; the page works without them. */
const largest = 4_000_000;

/** What the page never fetches: the terminal's page, licences, and fonts for browsers that it does not run in. */
const unused = [/^headless\.html$/, /(^|\/)LICEN[CS]E\.txt$/, /^\.vite\//, /\.map$/, /\.(ttf|woff)$/];

/** Large libraries for few uploads and teachers: they come when they are asked for, and are kept then. */
const later = [/(^|\/)hdf5_hl-[^/]*\.js$/, /(^|\/)ort[.-][^/]*\.(wasm|js)$/];

/** @returns {import('vite').Plugin} */
export function offline() {
  /** @type {string} */
  let publicFolder;
  return {
    name: 'retort:offline',
    apply: 'build',
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      // After the pages have been written.
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[`${serviceWorker}.js`];
        // The page's workers are bundles of their own and come along as files of the page's.
        if (worker?.type !== 'chunk') return;
        const hash = createHash('sha256').update(worker.code);
        /** @type {string[]} */
        const files = [];
        /** @type {string[]} */
        const whenUsed = [];
        const add = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
          if (unused.some((pattern) => pattern.test(name))) return;
          (later.some((pattern) => pattern.test(name)) ? whenUsed : files).push(name);
          hash.update(name).update(content);
        };
        for (const file of Object.values(bundle))
          if (file !== worker) add(file.fileName, file.type === 'chunk' ? file.code : file.source);
        for (const path of filesBelow(publicFolder))
          if (statSync(path).size <= largest)
            add(relative(publicFolder, path).split(sep).join('/'), readFileSync(path));
        const build = { version: hash.digest('hex').slice(0, 16), files, later: whenUsed };
        worker.code = `const __RETORT_BUILD__ = ${JSON.stringify(build)};\n${worker.code}`;
      },
    },
  };
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
