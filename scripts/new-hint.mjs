/**
 * `npm run new-hint NAME`: makes the folder of a new hint, which works as it is, and lists it. With `-- --regressor` it
 * compares embeddings through a trained layer, else logits.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { camel, pascal, writeHintLists } from './hint-lists.mjs';
import { root } from './prepare.mjs';

/** @param {'logits' | 'regressor'} skeleton */
const templatesOf = (skeleton) => join(root, 'scripts/new-hint', skeleton);

/**
 * Writes the files of a hint and adds it to the lists.
 * @param {string} id "my-hint"
 * @param {string} hints the folder of the hints
 * @param {'logits' | 'regressor'} skeleton
 * @returns {string[]} the files, by their place in the folder of the hints
 * @throws {Error} a sentence, when there is such a hint or the name is none
 */
export function newHint(id, hints = join(root, 'src/distill/hints'), skeleton = 'logits') {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    throw new Error(`“${id}” is no name of a hint: small letters, digits and hyphens, such as “my-hint”.`);
  const folder = join(hints, id);
  if (existsSync(folder)) throw new Error(`There is a hint “${id}” already.`);
  mkdirSync(join(folder, 'golden'), { recursive: true });
  const templates = templatesOf(skeleton);
  const written = readdirSync(templates, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.txt'),
  );
  const files = written.map((template) => {
    const name = template.replace(/\.txt$/, '');
    const text = readFileSync(join(templates, template), 'utf8')
      .replaceAll('MODULE', id.replaceAll('-', '_'))
      .replaceAll('ABBREVIATION', id.toUpperCase())
      .replaceAll('PASCAL', pascal(id))
      .replaceAll('NAME', camel(id))
      .replaceAll(/\bID\b/g, id);
    writeFileSync(join(folder, name), text);
    return join(id, name);
  });
  const order = join(hints, 'order.json');
  const ids = [...JSON.parse(readFileSync(order, 'utf8')), id];
  writeFileSync(order, `${JSON.stringify(ids, null, 2)}\n`);
  writeHintLists(hints);
  return files;
}

function main() {
  const given = process.argv.slice(2);
  const skeleton = given.includes('--regressor') ? 'regressor' : 'logits';
  const [id, ...rest] = given.filter((word) => word !== '--regressor');
  if (!id || rest.length > 0) {
    console.error(
      'Usage: npm run new-hint NAME [-- --regressor]   (NAME such as “my-hint” becomes a folder of src/distill/hints; the regressor is a trained layer on the student’s embedding)',
    );
    process.exit(2);
  }
  try {
    for (const file of newHint(id, undefined, skeleton)) console.log(`src/distill/hints/${file}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
  // Where lines break depends on the length of the name.
  spawnSync(process.execPath, [join(root, 'node_modules/oxfmt/bin/oxfmt'), join('src/distill/hints', id)], {
    cwd: root,
    stdio: 'ignore',
  });
  spawnSync('npm', ['run', '--silent', 'docs'], {
    cwd: root,
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  console.log(`The hint is in the lists and in docs/methods. Go on with docs/add-a-hint.md; a Python with torch makes the golden cases anew:
  python3 scripts/golden.py src/distill/hints/${id}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
