import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('ofd', [
    'Compares maps before the ReLU: what excites the teacher must match, what leaves it cold need only stay cold.',
    'The published weight is small because the loss is a sum over all neurons, and is scaled to the images; make it smaller where the networks are far apart.',
  ]),
];
