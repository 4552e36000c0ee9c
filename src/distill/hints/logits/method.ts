import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('logits', [
    'The student regresses the teacher’s raw logits: the oldest form of distillation.',
    'Its strength falls with the number of classes.',
  ]),
];
