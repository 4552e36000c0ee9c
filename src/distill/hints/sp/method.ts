import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('sp', [
    'Instances that excite the teacher alike should excite the student alike: compares the batch’s similarity matrices.',
    'Needs no regressor, whatever the networks; the weight is large because the entries are small.',
  ]),
];
