import { oneHint, trained, type MethodEntry } from '../../methods/method';

/** A deeper network with the same channels in every stage, by name; an MLP or an already deep one is its own twin. */
export function deeperTwin(name: string): string {
  return name
    .replace(/^cnn-/, 'cnn2-')
    .replace(/^resnet(8|14|20)(x\d)?$/, 'resnet32$2')
    .replace(/^wrn_(10|16)_/, 'wrn_28_')
    .replace(/^vgg(8|11)$/, 'vgg13');
}

export const methods: readonly MethodEntry[] = [
  oneHint(
    'fsp',
    [
      'The student first takes over how the channels of one stage go with those of the next; then it learns from labels alone.',
      'Both networks need the same channels in every stage, so this trains a deeper network of the student’s widths as the teacher.',
    ],
    { ownTeacher: 'training', teacher: (recipe) => trained(deeperTwin(recipe.student.network), 'all') },
  ),
];
