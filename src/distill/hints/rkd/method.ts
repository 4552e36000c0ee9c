import { oneHint, type MethodEntry } from '../../methods/method';

export const methods: readonly MethodEntry[] = [
  oneHint('rkd', [
    'Keeps the distances and angles between instances as they are in the teacher’s space of embeddings.',
    'Angles cost the cube of the batch size; keep batches at 64 or below.',
  ]),
];
