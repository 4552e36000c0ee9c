import { noTeacher, oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'tfkd-reg',
    [
      'Beside the labels the student imitates a teacher made by hand, always right and equally unsure of the rest.',
      'How much of a gain needs a teacher at all? Compare it with KD and with label smoothing.',
    ],
    { ceWeight: 0.9, teacher: noTeacher },
  ),
];
