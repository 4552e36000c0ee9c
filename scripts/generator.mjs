/** `npm run generator`: trains the generator that ships with the page and its density ratio, and writes them to public/generators. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, requireNode, root } from './prepare.mjs';
import { withModule } from './source.mjs';

requireNode();
ensureInstalled();
await withModule('/tests/support/make-generator.ts', async ({ makeGenerator }) => {
  const { id, weights, about } = await makeGenerator((/** @type {string} */ text) => console.log(text));
  const folder = join(root, 'public/generators');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.safetensors`), weights);
  writeFileSync(join(folder, `${id}.json`), `${JSON.stringify(about, null, 2)}\n`);
});
