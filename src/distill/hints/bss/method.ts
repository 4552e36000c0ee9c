import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('bss', [
    'Instances that both networks get right are moved across the teacher’s decision boundary, and the student learns the teacher’s soft targets there too.',
    'It helps with few labels and no other instances, where plain soft targets add nothing. Watch small changes lead across the boundary.',
  ]),
];
