/** What the names of files, arrays and columns say: which split, which teacher, what the numbers are. */
import type { AnswerKind, SplitName } from './answer-parts';

/** The words of a name, in small letters: "trainLogits_v2.npy" -> train, logits, v2, npy. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}.]+|\.(?!\d)/u)
    .filter((word) => word !== '');
}

const splitWords: Readonly<Record<string, SplitName>> = {
  train: 'train',
  training: 'train',
  tr: 'train',
  test: 'test',
  testing: 'test',
  te: 'test',
  val: 'test',
  valid: 'test',
  validation: 'test',
  eval: 'test',
  dev: 'test',
};

/** The split of a cell or a word; null for any other. */
export function splitOfWord(word: string): SplitName | null {
  return splitWords[word.trim().toLowerCase()] ?? null;
}

/** The split that a name speaks of; null for none, or for both. */
export function splitOfName(name: string): SplitName | null {
  const found = new Set(wordsOf(name).flatMap((word) => splitOfWord(word) ?? []));
  return found.size === 1 ? [...found][0]! : null;
}

const kindWords: readonly { words: readonly string[]; kind: AnswerKind }[] = [
  {
    words: ['logprob', 'logprobs', 'logprobability', 'logprobabilities', 'logp', 'logsoftmax'],
    kind: 'log-probabilities',
  },
  { words: ['logit', 'logits'], kind: 'logits' },
  {
    words: ['prob', 'probs', 'proba', 'probability', 'probabilities', 'softmax', 'p'],
    kind: 'probabilities',
  },
];

/** What a name says the numbers are. */
export function kindOfName(name: string): AnswerKind | null {
  const words = wordsOf(name);
  const joined = words.map((word, i) => (word === 'log' ? `log${words[i + 1] ?? ''}` : word));
  return kindWords.find(({ words: known }) => joined.some((word) => known.includes(word)))?.kind ?? null;
}

/** Words that say what an array is, and nothing of whose it is. */
const plainWords = new Set([
  ...kindWords.flatMap(({ words }) => words),
  ...['log', 'output', 'outputs', 'out', 'answer', 'answers', 'prediction', 'predictions', 'pred', 'preds'],
  ...[
    'score',
    'scores',
    'value',
    'values',
    'soft',
    'label',
    'labels',
    'target',
    'targets',
    'y',
    'data',
    'numbers',
    'set',
  ],
  ...[
    'top',
    'topk',
    'k',
    'all',
    'full',
    'npy',
    'npz',
    'csv',
    'tsv',
    'txt',
    'parquet',
    'safetensors',
    'arr',
    '0',
  ],
]);

/** What is left of a name without the words for split and kind: whose answers they are; "" where nothing is. */
export function teacherOfName(name: string): string {
  return wordsOf(name)
    .filter((word) => splitOfWord(word) === null && !plainWords.has(word) && !/^top\d+$/.test(word))
    .join(' ');
}

const says = (known: readonly string[]) => (name: string) =>
  wordsOf(name).some((word) => known.includes(word));

/** Row numbers: "index", "row_id"; the column without a name that pandas writes. */
export function isIndexName(name: string): boolean {
  return (
    /^(unnamed: ?\d+)?$/i.test(name.trim()) ||
    says(['index', 'indices', 'idx', 'id', 'ids', 'row', 'rows', 'sample', 'samples'])(name)
  );
}

export const isNameName = says([
  ...['name', 'names', 'file', 'files', 'filename', 'filenames', 'fname', 'path', 'paths', 'filepath'],
  ...['image', 'images', 'img', 'key', 'keys', 'id', 'ids'],
]);

export const isSplitName = says(['split', 'splits', 'subset', 'fold', 'partition', 'set', 'phase']);

/** True classes beside the answers. */
export const isLabelName = says([
  ...['label', 'labels', 'target', 'targets', 'y', 'true', 'truth', 'gt', 'class', 'predicted', 'prediction'],
  ...['pred', 'argmax', 'correct'],
]);
