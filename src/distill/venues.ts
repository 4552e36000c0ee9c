/** Where cited papers appeared, for bibliographies: what kind of publication it is, and its full name. */
export const venues = {
  AAAI: { kind: 'proceedings', name: 'Proceedings of the AAAI Conference on Artificial Intelligence' },
  ACCV: { kind: 'proceedings', name: 'Asian Conference on Computer Vision' },
  CVPR: { kind: 'proceedings', name: 'IEEE/CVF Conference on Computer Vision and Pattern Recognition' },
  ECCV: { kind: 'proceedings', name: 'European Conference on Computer Vision' },
  'Expert Systems with Applications': { kind: 'journal', name: 'Expert Systems with Applications' },
  ICASSP: {
    kind: 'proceedings',
    name: 'IEEE International Conference on Acoustics, Speech and Signal Processing',
  },
  ICCV: { kind: 'proceedings', name: 'IEEE/CVF International Conference on Computer Vision' },
  ICLR: { kind: 'proceedings', name: 'International Conference on Learning Representations' },
  IJCNN: { kind: 'proceedings', name: 'International Joint Conference on Neural Networks' },
  Interspeech: { kind: 'proceedings', name: 'Interspeech' },
  NIPS: { kind: 'proceedings', name: 'Advances in Neural Information Processing Systems' },
  NeurIPS: { kind: 'proceedings', name: 'Advances in Neural Information Processing Systems' },
  'NIPS workshop': { kind: 'proceedings', name: 'NIPS Deep Learning and Representation Learning Workshop' },
  'Image and Vision Computing': { kind: 'journal', name: 'Image and Vision Computing' },
  'Pattern Recognition Letters': { kind: 'journal', name: 'Pattern Recognition Letters' },
  TNNLS: { kind: 'journal', name: 'IEEE Transactions on Neural Networks and Learning Systems' },
  arXiv: { kind: 'preprint', name: 'arXiv preprint' },
} as const satisfies Record<string, { kind: 'proceedings' | 'journal' | 'preprint'; name: string }>;

/** A venue by its short name: one that is missing here does not compile, so every citation gives a whole entry. */
export type Venue = keyof typeof venues;
