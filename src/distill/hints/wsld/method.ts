import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('wsld', [
    'Soft targets, turned down for instances on which the student already does as well as the teacher.',
    'Look at the per-instance losses: well-learned instances drop out.',
  ]),
];
