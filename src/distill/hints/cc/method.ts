import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('cc', [
    'Compares how instances correlate through a Gaussian kernel on the embeddings.',
    'This is the form of the paper; the benchmark’s code used another one under the same name, which is a choice in the hint.',
  ]),
];
