/**
 * `npm run lists`: writes the lists of hints in `src/distill/hints` from its folders. `order.json` there says in which
 * order they stand in the page; a folder that it does not name is a fault.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** "tfkd-reg" -> "tfkdReg" @param {string} id */
export const camel = (id) => id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
/** "tfkd-reg" -> "TfkdReg" @param {string} id */
export const pascal = (id) => camel(id).replace(/^./, (letter) => letter.toUpperCase());
/** A key of an object, in quotes where it needs them. @param {string} id */
const key = (id) => (/^\w+$/.test(id) ? id : `'${id}'`);

const origin = (/** @type {string} */ of) =>
  `/** ${of} Written by \`npm run lists\` from the folders beside it. */`;

/**
 * The text of each list by file name.
 * @param {string} hints the folder of the hints
 * @returns {Record<string, string>}
 * @throws {Error} a sentence that names the folder and what it lacks
 */
export function hintLists(hints = join(root, 'src/distill/hints')) {
  /** @type {string[]} */
  const order = JSON.parse(readFileSync(join(hints, 'order.json'), 'utf8'));
  const folders = readdirSync(hints, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  for (const folder of folders)
    if (!order.includes(folder)) throw new Error(`order.json does not name the hint “${folder}”.`);
  for (const id of order)
    if (!folders.includes(id)) throw new Error(`order.json names “${id}”, and there is no such folder.`);

  const has = (/** @type {string} */ id, /** @type {string} */ file) => existsSync(join(hints, id, file));
  const demand = (/** @type {string} */ id, /** @type {string} */ file, /** @type {string} */ name) => {
    if (!has(id, file)) throw new Error(`The hint “${id}” lacks ${file}.`);
    if (!new RegExp(`export const ${name}\\b`).test(readFileSync(join(hints, id, file), 'utf8')))
      throw new Error(`${id}/${file} must export “${name}”.`);
  };
  /** Where the factory is: beside the maths, or in a file of its own. */
  const factoryFile = (/** @type {string} */ id) => (has(id, 'hint.ts') ? 'hint' : 'loss');
  for (const id of order) {
    demand(id, 'about.ts', camel(id));
    demand(id, `${factoryFile(id)}.ts`, `create${pascal(id)}`);
    if (has(id, 'method.ts')) demand(id, 'method.ts', 'methods');
  }
  const sorted = order.toSorted();
  const imports = (/** @type {string[]} */ ids, /** @type {(id: string) => string} */ line) =>
    ids.map(line).join('\n');
  const withMethods = order.filter((id) => has(id, 'method.ts'));
  const withTorch = order.filter((id) => has(id, 'torch.py'));

  return {
    'abouts.ts': `${origin('Every hint’s description, in the order of the forms.')}
${imports(sorted, (id) => `import { ${camel(id)} } from './${id}/about';`)}

export const hintAbouts = {
${order.map((id) => (id === camel(id) ? `  ${id},` : `  ${key(id)}: ${camel(id)},`)).join('\n')}
} as const;
export type HintId = keyof typeof hintAbouts;
export const hintIds = Object.keys(hintAbouts) as HintId[];

/** Hints whose loss is written in PyTorch too (\`torch.py\`). */
export const hintsInTorch: readonly HintId[] = [
${withTorch.map((id) => `  '${id}',`).join('\n')}
];
`,
    'factories.ts': `${origin('The maths of every hint.')}
import type { hintAbouts, HintId } from './abouts';
import type { HintFactory } from './hint';
${imports(sorted, (id) => `import { create${pascal(id)} } from './${id}/${factoryFile(id)}';`)}

export const factories: { readonly [I in HintId]: HintFactory<(typeof hintAbouts)[I]['knobs']> } = {
${order.map((id) => `  ${key(id)}: create${pascal(id)},`).join('\n')}
};
`,
    'methods.ts': `${origin('The methods of the picker that lie in the folders of their hints.')}
import type { MethodEntry } from '../methods/method';
${imports([...withMethods].sort(), (id) => `import { methods as ${camel(id)} } from './${id}/method';`)}

export const methodsOfHints: readonly MethodEntry[] = [
${withMethods.map((id) => `  ...${camel(id)},`).join('\n')}
];
`,
    'torch.ts': `${origin('The losses in PyTorch, as text.')}
import type { HintId } from './abouts';
${imports([...withTorch].sort(), (id) => `import ${camel(id)} from './${id}/torch.py?raw';`)}

export const torchSources: { readonly [I in HintId]?: string } = {
${withTorch.map((id) => (id === camel(id) ? `  ${id},` : `  ${key(id)}: ${camel(id)},`)).join('\n')}
};
`,
  };
}

/** Writes the lists. @param {string} [hints] the folder of the hints */
export function writeHintLists(hints = join(root, 'src/distill/hints')) {
  for (const [name, text] of Object.entries(hintLists(hints))) writeFileSync(join(hints, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeHintLists();
