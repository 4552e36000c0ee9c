import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'review',
    [
      'Every teacher stage supervises the student stages from its own depth on: deeper levels are fused into shallower ones by attention.',
      'Its fusion modules are trained with the student and dropped at the end; see “extra parameters”.',
    ],
    { warmup: 8 },
  ),
];
