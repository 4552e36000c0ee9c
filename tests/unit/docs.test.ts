import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { glossaryPage } from '../docs/glossary-page';
import { methodPages } from '../docs/method-pages';

const folder = new URL('../../docs/methods/', import.meta.url).pathname;

it.each(methodPages())(
  'docs/methods/$name says what the page says (renew with `npm run docs`)',
  async ({ name, text }) => {
    await expect(text).toMatchFileSnapshot(`${folder}${name}`);
  },
);

it('docs/glossary.md says what the page says (renew with `npm run docs`)', async () => {
  const file = new URL('../../docs/glossary.md', import.meta.url).pathname;
  await expect(glossaryPage()).toMatchFileSnapshot(file);
});

it('has no page that nothing writes', () => {
  expect(readdirSync(folder).sort()).toEqual(
    methodPages()
      .map(({ name }) => name)
      .sort(),
  );
});
