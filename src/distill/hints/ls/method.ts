import { noTeacher, oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'ls',
    [
      'The student learns from labels that leave a little probability to the other classes.',
      'The baseline that any soft target has to beat: it is soft, but knows nothing of the instance.',
    ],
    { ceWeight: 0, teacher: noTeacher },
  ),
];
