/** `npm run golden -- DIR`: runs every golden case of a folder on the cpu backend, in Node. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInstalled, requireNode } from './prepare.mjs';
import { withModule } from './source.mjs';

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

await withModule('/tests/golden/cli.ts', async ({ runGoldenFolder }) => {
  const { passed, failed } = await runGoldenFolder(path);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
});
