import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'ctkd',
    [
      'Soft targets whose temperature is learned, against the student: it rises or falls to keep the task hard.',
      'Watch the temperature; early in the run it hardly moves, since its strength grows over the curriculum.',
    ],
    { ceWeight: 0.1 },
  ),
];
