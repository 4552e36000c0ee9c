import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { methodPages } from '../docs/method-pages';

const folder = new URL('../../docs/methods/', import.meta.url).pathname;

it.each(methodPages())(
  'docs/methods/$name says what the page says (renew with `npm run docs`)',
  async ({ name, text }) => {
    await expect(text).toMatchFileSnapshot(`${folder}${name}`);
  },
);

it('has no page that nothing writes', () => {
  expect(readdirSync(folder).sort()).toEqual(
    methodPages()
      .map(({ name }) => name)
      .sort(),
  );
});
