/**
 * How the bundler divides the scripts. Left to itself it makes one for every set of lazy parts that share a module, which
 * was more than a hundred requests before a run could start.
 */
import { laterScriptOf } from './later-scripts.mjs';

/**
 * Settings of an output: what is there from the start lies in the scripts that `initial` names, what lazy parts share in
 * few others.
 * @param {(id: string, graph: import('vite').Rolldown.ChunkingContext) => string} initial
 * @param {number} smallest bytes of source below which a shared script is joined to the one that is most like it
 * @returns {Pick<import('vite').Rolldown.OutputOptions, 'strictExecutionOrder' | 'chunkFileNames' | 'codeSplitting'>}
 */
export function fewScripts(initial, smallest) {
  return {
    // Modules of two scripts may import each other: none runs before what it imports.
    strictExecutionOrder: true,
    // The bundler's own names list what shares a script, or are that of the folder the project lies in.
    chunkFileNames: ({ isDynamicEntry, facadeModuleId, name, moduleIds }) =>
      `assets/${isDynamicEntry ? (packageOf(facadeModuleId) ?? '[name]') : nameOf(name, moduleIds)}-[hash].js`,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: initial, debugName: 'initial', tags: ['$initial'], priority: 1 },
        {
          name: 'shared',
          minShareCount: 2,
          entriesAware: true,
          entriesAwareMergeThreshold: smallest,
        },
      ],
    },
  };
}

/**
 * The package of a library that is loaded when needed, without its scope: the file that it begins with is mostly called
 * "index".
 * @param {string | null} module
 */
function packageOf(module) {
  return /.*\/node_modules\/(?:@[^/]+\/)?([^/]+)\//.exec(module ?? '')?.[1];
}

/**
 * @param {string} name
 * @param {readonly string[]} modules
 */
function nameOf(name, modules) {
  return laterScriptOf(modules) ?? (name.startsWith('shared') ? 'shared' : 'initial');
}

/**
 * One script for what each page alone needs at its start, and one for what all need.
 * @param {Readonly<Record<string, string>>} pages names to absolute paths of their entries
 * @returns {(id: string, graph: import('vite').Rolldown.ChunkingContext) => string}
 */
export function byPage(pages) {
  /** @type {[string, Set<string>][] | null} */
  let needed = null;
  return (id, graph) => {
    needed ??= Object.entries(pages).map(([name, path]) => [name, needs(path, graph)]);
    const names = needed.filter(([, modules]) => modules.has(id)).map(([name]) => name);
    return names.length === 1 ? `page-${names[0]}` : 'pages';
  };
}

/**
 * What a module imports statically, through any number of others, and itself.
 * @param {string} module
 * @param {import('vite').Rolldown.ChunkingContext} graph
 */
function needs(module, graph) {
  /** @type {Set<string>} */
  const found = new Set();
  const waiting = [module];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(graph.getModuleInfo(next)?.importedIds ?? []));
  }
  return found;
}
