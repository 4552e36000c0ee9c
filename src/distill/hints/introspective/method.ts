import { noTeacher, oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint(
    'introspective',
    [
      'Without a teacher: the student’s own explanations say which classes are alike, and it learns a soft target made of that.',
      'Rebuilt from the abstract, without a promise: it did not help in our measurements. Compare it with its two controls, uniform and shuffled similarity.',
    ],
    { ceWeight: 0, teacher: noTeacher },
  ),
];
