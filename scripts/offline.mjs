/** Vite plugin for the service worker: its list of files is known only when everything else is built. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';
import { isLaterScript } from './later-scripts.mjs';

const script = fileURLToPath(new URL('../src/offline/service-worker.ts', import.meta.url));
/** The same in every build. */
const scriptName = 'service-worker.js';

/** Public files above this size come when they are asked for, and are kept then: sets, teachers and generators. */
const largest = 20_000;
/** All that the page's first recipe needs comes with the page. */
const first = [/^data\/digits-8x8\//, /^teachers\/digits-8x8-/];

/** What the page never fetches: the terminal's page, licences, and fonts for browsers that it does not run in. */
const unused = [
  /^headless\.html$/,
  /^assets\/headless-/,
  /(^|\/)LICEN[CS]E\.txt$/,
  /^\.vite\//,
  /\.map$/,
  /\.(ttf|woff)$/,
];

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
      async handler(_, bundle) {
        // A script of its own and no entry: it must import nothing that other builds do not have.
        const { code } = await transformWithOxc(readFileSync(script, 'utf8'), script);
        const hash = createHash('sha256').update(code);
        /** @type {string[]} */
        const files = [];
        /**
         * By name, each with a hash of its content: a file that is kept from an earlier build is known to be the same.
         * @type {Record<string, string>}
         */
        const whenUsed = {};
        /** @param {string} name @param {string | Uint8Array} content @param {boolean} isLater */
        const add = (name, content, isLater) => {
          if (unused.some((pattern) => pattern.test(name))) return;
          if (isLater) whenUsed[name] = createHash('sha256').update(content).digest('hex').slice(0, 16);
          else files.push(name);
          hash.update(name).update(content);
        };
        // The page's workers are bundles of their own and come along as files of the page's.
        for (const file of Object.values(bundle))
          add(file.fileName, file.type === 'chunk' ? file.code : file.source, isLaterScript(file.fileName));
        for (const path of filesBelow(publicFolder)) {
          const name = relative(publicFolder, path).split(sep).join('/');
          add(
            name,
            readFileSync(path),
            statSync(path).size > largest && !first.some((pattern) => pattern.test(name)),
          );
        }
        const build = { version: hash.digest('hex').slice(0, 16), files, later: whenUsed };
        const source = `const __RETORT_BUILD__ = ${JSON.stringify(build)};\n${code}`;
        this.emitFile({ type: 'asset', fileName: scriptName, source });
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
