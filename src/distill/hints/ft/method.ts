import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('ft', [
    'An autoencoder first learns to put the teacher’s last map in fewer channels; the student then learns to write the same.',
    'The published weight of 200 is made for long runs; in a few hundred steps a tenth of it does better.',
  ]),
];
