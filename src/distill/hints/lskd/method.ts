import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'lskd',
    [
      'Standardises each instance’s logits first, so that only their pattern must match and not their size.',
      'Helps when teacher and student answer at very different scales.',
    ],
    { ceWeight: 0.1 },
  ),
];
