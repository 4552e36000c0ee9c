/** The terms that the page explains where they stand, each in two plain sentences. `npm run docs` writes them down, too. */
export interface Term {
  /** As it stands in a list. */
  title: string;
  text: string;
}

export const terms = {
  distillation: {
    title: 'Distillation',
    text: 'A small network learns from the outputs of a larger one, beside the labels or in their place. Afterwards only the small network is used.',
  },
  teacher: {
    title: 'Teacher',
    text: 'The network that the student learns from. It is trained first, or loaded from a file, and does not change while the student is trained (peers and routes do).',
  },
  student: {
    title: 'Student',
    text: 'The network that learns from the teacher. It is usually several times smaller.',
  },
  control: {
    title: 'Baseline (no teacher)',
    text: 'The same student with the same initial weights and labelled batches, and no teacher. How much better the student is than the baseline is the gain of distillation.',
  },
  hardLabels: {
    title: 'Teacher’s hard labels',
    text: 'A third student that is trained on the teacher’s top class (or the labels it gives more than one half) and not on its probabilities. It shows how much of a gain comes from soft targets, and how much from having labels at all.',
  },
  full: {
    title: 'Full-precision twin',
    text: 'For a student in low precision: the same network with the same initial weights and labelled batches, in full precision. It shows what rounding costs.',
  },
  rounded: {
    title: 'Rounded afterwards',
    text: 'The full-precision twin with its weights and activations rounded after training. It shows why a student in low precision is trained with the rounding in the loop.',
  },
  logits: {
    title: 'Logits',
    text: 'The numbers of a network’s last layer, one per class, before they become probabilities. The largest is the prediction.',
  },
  softTargets: {
    title: 'Soft targets',
    text: 'The teacher’s probabilities for all classes, in place of one label. They also say which wrong classes the teacher finds likely.',
  },
  temperature: {
    title: 'Temperature',
    text: 'Logits are divided by it before they become probabilities. A higher temperature makes the probabilities of the wrong classes larger, so that the student learns more from them.',
  },
  kl: {
    title: 'KL divergence',
    text: 'How far one set of probabilities is from another, 0 where they are equal. It is what the soft-target loss (KD) minimises.',
  },
  hint: {
    title: 'Distillation loss (hint)',
    text: 'A loss that compares the student with the teacher: their logits, feature maps inside the networks, or relations between instances. A recipe can have several.',
  },
  hintWeight: {
    title: 'Hint weight',
    text: 'The factor of a distillation loss in the sum of all losses. Hint-dynamic weighting (HKD) learns one per instance and loss.',
  },
  labelNoise: {
    title: 'Label noise',
    text: 'A share of the training labels is made wrong on purpose. Test labels stay right.',
  },
  unlabelled: {
    title: 'Unlabelled instances',
    text: 'Training images or rows whose labels are taken away. Only the teacher gives a target for them.',
  },
  epoch: {
    title: 'Epoch',
    text: 'One pass over all training instances. A step is one batch of them.',
  },
  accuracy: {
    title: 'Accuracy',
    text: 'The share of instances whose class the network gets right, on images or rows that were not trained on. With few of them it varies by chance.',
  },
  mae: {
    title: 'Mean absolute error',
    text: 'How far the predicted number is from the true one on average, in the unit of the target; with several numbers, in standard deviations (SD) of each. Lower is better.',
  },
  rmse: {
    title: 'Root mean squared error',
    text: 'Like the mean absolute error, but large errors count more: the root of the mean of their squares. Lower is better.',
  },
  r2: {
    title: 'R²',
    text: 'The share of the spread of the true numbers that the predictions explain. 1 is perfect, 0 is no better than always predicting the mean.',
  },
  map: {
    title: 'Mean average precision',
    text: 'Per label, the predictions are sorted by confidence; the area under precision against recall is the label’s average precision. This is its mean over the labels.',
  },
  f1: {
    title: 'Macro F1',
    text: 'Per label, the harmonic mean of precision and recall of the answers above one half; then the mean over the labels.',
  },
  nll: {
    title: 'Negative log-likelihood',
    text: 'The mean of −log of the probability that the network gives the right class (or the right answer for each label), in nats. Lower is better; it punishes confident mistakes, which accuracy does not.',
  },
  ece: {
    title: 'Expected calibration error',
    text: 'Predictions are sorted by confidence into 15 bins of equal width; this is the mean gap between the confidence of a bin and the share of it that is right. 0 is a network that is as often right as it is sure.',
  },
  reliability: {
    title: 'Reliability diagram',
    text: 'Predictions in 15 bins by confidence, and how many of each bin are right. On the diagonal confidence can be trusted; below it the network is too sure of itself.',
  },
  classMean: {
    title: 'Mean per-class accuracy',
    text: 'The accuracy of each class by itself, then the mean over the classes. Where classes differ in size, small ones count as much as large ones.',
  },
  agreement: {
    title: 'Agreement with the teacher',
    text: 'The share of test instances (or labels of them) for which a network gives the same answer as the teacher, right or wrong. It shows how faithful a student is, not how good.',
  },
  difference: {
    title: 'Difference from the teacher',
    text: 'How far a network’s numbers are from the teacher’s: the root of the mean of the squared differences, in the unit of the target, or in standard deviations (SD) of each of several numbers.',
  },
  constant: {
    title: 'Constant answer',
    text: 'The score of the best answer that is the same for every test instance: the most frequent class, the median. A network has learned something where it is better.',
  },
  latency: {
    title: 'Latency',
    text: 'How long the network takes to answer here, until the numbers are read back: the median of 31 samples after a warm-up. It depends on this machine and the backend; networks can be compared with each other only.',
  },
  trainingTime: {
    title: 'Training time',
    text: 'Wall time on this machine. That of the teacher is for training or loading it; that of the student is for all lines that learn beside each other, evaluations included.',
  },
  gradients: {
    title: 'Gradients of the losses',
    text: 'How strongly each loss, with its weight, pulls at the student’s parameters (norm), and whether it pulls the way the labels do (cosine: 1 the same way, 0 across, −1 against).',
  },
  crossEntropy: {
    title: 'Cross-entropy',
    text: 'The loss on the labels: small where the network gives the right class a high probability. It also measures confidence, which accuracy does not.',
  },
  parameters: {
    title: 'Parameters',
    text: 'The numbers that a network learns. Their count is its size in memory and in a file.',
  },
  multiplyAdds: {
    title: 'Multiply-adds',
    text: 'Multiplications with an addition that a network needs for one instance. They say roughly how long it computes.',
  },
  metaSet: {
    title: 'Meta set',
    text: 'Labelled instances on which hint-dynamic weighting asks whether a step helped. By default it is the next training batch; held-out ones are extra labels.',
  },
  trackedSamples: {
    title: 'Tracked samples',
    text: 'About 128 training instances that are measured again and again through the run. They show what a method does to single images or rows.',
  },
} as const satisfies Record<string, Term>;

export type TermId = keyof typeof terms;
