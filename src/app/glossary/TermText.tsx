import { terms, type TermId } from './terms';

/** What a word means. */
export default function TermText({ term }: { term: TermId }) {
  return terms[term].text;
}
