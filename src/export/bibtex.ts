/** Citations as BibTeX. */
import type { Citation } from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import { methods } from '../distill/methods/abouts';
import type { Recipe } from '../distill/recipe';
import { teacherAbouts } from '../distill/teachers/abouts';
import { venues } from '../distill/venues';
import { weightingAbouts } from '../distill/weighting/abouts';
import { latexText } from './latex-text';

/** The papers behind a recipe: its method's, and those of its losses, its weighting and its kind of teacher. */
export function papersOf(recipe: Recipe): Citation[] {
  const abouts: readonly Cited[] = [
    { paper: paperOfMethod(recipe.method) },
    ...recipe.hints.map(({ id }): Cited => hintAbouts[id]),
    weightingAbouts[recipe.weighting.id] as Cited,
    teacherAbouts[recipe.teacher.kind] as Cited,
  ];
  return distinct(abouts.flatMap(({ paper }) => paper ?? []));
}

interface Cited {
  paper?: Citation | null;
}

/** The paper that a method of the picker is named after; null for one of this page's own, and for recipes without one. */
export function paperOfMethod(id: string | null): Citation | null {
  return methods.find((method) => method.id === id)?.paper ?? null;
}

/** "hinton2015distilling": surname of the first author, year, first word of the title that says something. */
export function citationKey({ authors, year, title }: Citation): string {
  const surname = /^[\p{L}\p{M}'’ -]+?(?= et al|,|$)/u.exec(authors)?.[0] ?? authors;
  const words = plain(title).split(/[^a-z0-9]+/);
  const word = words.find((each) => each !== '' && !empty.has(each)) ?? '';
  return `${plain(surname).replaceAll(/[^a-z]/g, '')}${year}${word}`;
}

const empty = new Set([
  'knowledge',
  'knowledge',
  'a',
  'an',
  'the',
  'on',
  'of',
  'do',
  'to',
  'in',
  'for',
  'via',
  'from',
  'what',
  'you',
  'is',
  'are',
]);

function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** One entry for each paper, in order; equal ones once. */
export function bibtex(papers: readonly Citation[]): string {
  return distinct(papers).map(entryOf).join('\n');
}

function distinct(papers: readonly Citation[]): Citation[] {
  return [...new Map(papers.map((paper) => [citationKey(paper), paper])).values()];
}

function entryOf(paper: Citation): string {
  const { kind, name } = venues[paper.venue];
  const preprint = /arxiv\.org\/abs\/([\d.]+)/.exec(paper.url ?? '')?.[1];
  const doi = /doi\.org\/(.+)$/.exec(paper.url ?? '')?.[1];
  const [type, place] = {
    proceedings: ['inproceedings', 'booktitle'],
    journal: ['article', 'journal'],
    preprint: ['misc', 'howpublished'],
  }[kind] as [string, string];
  const fields: [string, string | undefined][] = [
    ['author', authorsOf(paper.authors)],
    // Two braces: styles do not change the case of names and abbreviations.
    ['title', `{${latexText(paper.title)}}`],
    [place, latexText(name)],
    ['year', String(paper.year)],
    ['doi', doi],
    ['eprint', preprint],
    ['archiveprefix', preprint && 'arXiv'],
    ['url', doi || preprint ? undefined : paper.url],
  ];
  const lines = fields.flatMap(([field, value]) => (value ? [`  ${field} = {${value}},`] : []));
  return `@${type}{${citationKey(paper)},\n${lines.join('\n')}\n}\n`;
}

/** "Hinton, Vinyals, Dean" -> "Hinton and Vinyals and Dean"; "et al." is "others". */
function authorsOf(authors: string): string {
  return authors
    .replace(/,? et al\.?$/, ', others')
    .split(/,\s*/)
    .map((author) => (author === 'others' ? author : latexText(author)))
    .join(' and ');
}
