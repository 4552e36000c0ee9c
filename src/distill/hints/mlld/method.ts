import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'mlld',
    [
      'Matches answers, classes and batches at five temperatures, on each image and on a strongly changed view of it.',
      'Made for long runs with strong changes to the images; each step costs two passes through both networks.',
    ],
    { ceWeight: 0.1 },
  ),
];
