import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('nst', [
    'Matches which places excite the channels, as a distribution over channels.',
    'Channel counts may differ, since distributions are compared. The published weight of 50 is for long runs; it starts at 0.01 here.',
  ]),
];
