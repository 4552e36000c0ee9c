import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'dkd',
    [
      'Splits soft targets in two: how sure the teacher is of the target class, and how it ranks the others, each with its own weight.',
      'The effective weight is large; lower the learning rate or the non-target weight if it diverges.',
    ],
    { warmup: 8 },
  ),
];
