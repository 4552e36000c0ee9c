import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'kd-reverse',
    [
      'Soft targets with the divergence turned round: the student is asked to avoid what the teacher thinks impossible.',
      'KD’s usual direction makes the student cover all that the teacher allows; this one lets it settle on the likeliest class. The loss of KD-UDA, here with any teacher.',
    ],
    { ceWeight: 0.7 },
  ),
];
