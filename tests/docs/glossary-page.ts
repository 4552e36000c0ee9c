/** The page docs/glossary.md, written from the terms that the page itself explains. `npm run docs` renews it. */
import { terms } from '../../src/app/glossary/terms';

export function glossaryPage(): string {
  const lines = Object.values(terms)
    .toSorted((a, b) => a.title.localeCompare(b.title, 'en'))
    .map(({ title, text }) => `**${title}.** ${text}`);
  return [
    '<!-- Written from src/app/glossary/terms.ts by `npm run docs`; change it there. -->',
    '# Glossary',
    ...lines,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}
