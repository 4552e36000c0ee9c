/**
 * What version 1 of the recipe left unsaid: the defaults that its files, links and stored runs are differences to.
 * Never changed, whatever becomes of today's defaults: a recipe of version 1 trains to the same numbers for ever.
 *
 * A knob that a hint, teacher, weighting or section gains later gets a line here too, with the value under which it
 * behaves as version 1 did. A hint, teacher or weighting that version 1 did not have takes today's defaults.
 */
import type { KnobValues } from '../knobs';

interface DefaultsOfVersion1 {
  recipe: {
    title: string;
    method: string;
    seed: number;
    material: KnobValues;
    teacher: { kind: string; knobs: KnobValues };
    hints: readonly { id: string; weight: number; shuffled: boolean; knobs: KnobValues }[];
    weighting: { id: string; knobs: KnobValues };
    student: KnobValues;
    schedule: KnobValues;
    objective: KnobValues;
  };
  /** In place of a weight or switch of a hint that cannot be used. */
  hintEntry: { weight: number; shuffled: boolean };
  hints: Readonly<Record<string, { weight: number; knobs: KnobValues }>>;
  teachers: Readonly<Record<string, KnobValues>>;
  weightings: Readonly<Record<string, KnobValues>>;
}

export const version1: DefaultsOfVersion1 = {
  recipe: {
    title: 'My recipe',
    method: 'kd',
    seed: 1,
    material: {
      dataset: 'digits-8x8',
      halve: false,
      labelsPerClass: 0,
      unnamedClass: -1,
      unlabelled: 0,
      realShare: 50,
      labelNoise: 0,
      noiseKind: 'next',
      shift: 0,
      flip: false,
      validation: 0,
      unlabelledFrom: 'rest',
      stimuli: 'textures',
      stimulusScale: 'matched',
      balance: false,
      secondDomain: 'background',
      secondDomainShare: 50,
      trainNoise: 0,
      trainBlur: 0,
      trainContrast: 100,
      testNoise: 0,
      testBlur: 0,
      testContrast: 100,
    },
    teacher: {
      kind: 'single',
      knobs: {
        source: 'digits-8x8-cnn-16-32-64',
        network: 'cnn2-16-32-64',
        epochs: 15,
        learningRate: 0.003,
        batch: 64,
        labels: 'all',
        stopAfter: 0,
        file: '',
        fileNetwork: 'resnet8',
        fileAnswers: 'logits',
        fileMean: 0.5,
        fileDeviation: 0.5,
        corruption: 'none',
      },
    },
    hints: [{ id: 'kd', weight: 0.9, shuffled: false, knobs: { temperature: 2 } }],
    weighting: { id: 'fixed', knobs: { warmup: 0, decayFrom: 100, endWeight: 0, autoBalance: false } },
    student: {
      network: 'mlp-32',
      bitsWeights: '32',
      bitsActivations: '32',
      quantizer: 'scaled',
      exempt: 'first-last',
      full: true,
      start: 'drawn',
    },
    schedule: {
      steps: 200,
      batch: 32,
      optimiser: 'adam',
      learningRate: 0.01,
      momentum: 0.9,
      delta: 0.075,
      nesterov: false,
      weightDecay: 0,
      curve: 'cosine',
      warmup: 5,
      evaluateEvery: 10,
    },
    objective: { ceWeight: 0.1, control: true, hardAnswers: false },
  },
  hintEntry: { weight: 1, shuffled: false },
  hints: {
    kd: { weight: 0.9, knobs: { temperature: 4 } },
    dkd: { weight: 1, knobs: { temperature: 4, alpha: 1, beta: 8 } },
    nkd: { weight: 1, knobs: { temperature: 1, gamma: 1.5 } },
    wsld: { weight: 2.25, knobs: { temperature: 4 } },
    dist: { weight: 2, knobs: { temperature: 4, beta: 1, gamma: 1 } },
    lskd: { weight: 9, knobs: { base: 'kd', temperature: 2, beta: 8 } },
    ctkd: {
      weight: 0.9,
      knobs: { start: 1, span: 20, loops: 4, strengthFrom: 0, strengthTo: -1, standardise: false },
    },
    mlld: { weight: 0.9, knobs: { temperature: 4, strongLabels: 0.11, asCoded: true, standardise: false } },
    logits: { weight: 0.1, knobs: {} },
    'soft-answers': { weight: 1, knobs: { temperature: 2, timesSquare: false } },
    dml: { weight: 1, knobs: {} },
    ls: { weight: 1, knobs: { smoothing: 0.1, spread: 'all' } },
    'tfkd-reg': { weight: 0.1, knobs: { temperature: 20, multiplier: 100 } },
    'tfkd-self': { weight: 0.9, knobs: { temperature: 20, multiplier: 100 } },
    fitnet: { weight: 100, knobs: { hintLayer: 2, stages: 'joint', initShare: 12.5 } },
    review: {
      weight: 1,
      knobs: {
        maxMidChannels: 128,
        fusion: 'attention',
        studentPreActivation: false,
        poolSizes: '4,2,1',
        useKd: false,
        klWeight: 1,
        temperature: 4,
      },
    },
    at: { weight: 1000, knobs: { p: '2' } },
    nst: { weight: 50, knobs: {} },
    vid: { weight: 1, knobs: { firstVariance: 5 } },
    codes: { weight: 1, knobs: { lowTemperature: 2, highTemperature: 8 } },
    ofd: { weight: 0.001, knobs: { margin: 'norm', teacherMode: 'evaluation' } },
    semckd: { weight: 400, knobs: { layers: 3 } },
    ft: { weight: 200, knobs: { form: 'paper', rate: 0.5, p1: 2, p2: 1, initShare: 12.5 } },
    ab: { weight: 1, knobs: { margin: 1, reduction: 'sum', stages: 'two', initShare: 12.5 } },
    fsp: { weight: 50, knobs: { stages: 'two', initShare: 12.5 } },
    sp: { weight: 3000, knobs: { space: 'inside' } },
    rkd: { weight: 1, knobs: { space: 'inside', distanceWeight: 25, angleWeight: 50, angleImages: 64 } },
    pkt: { weight: 30000, knobs: { space: 'inside' } },
    cc: { weight: 100, knobs: { space: 'inside', form: 'kernel', gamma: 0.4, order: 2, width: 128 } },
    crd: { weight: 0.8, knobs: { negatives: 1024, positive: 'exact', width: 128, tau: 0.07, momentum: 0.5 } },
  },
  teachers: {
    single: {
      source: 'digits-8x8-cnn-16-32-64',
      network: 'cnn2-16-32-64',
      epochs: 15,
      learningRate: 0.003,
      batch: 64,
      labels: 'all',
      stopAfter: 0,
      file: '',
      fileNetwork: 'resnet8',
      fileAnswers: 'logits',
      fileMean: 0.5,
      fileDeviation: 0.5,
      corruption: 'none',
    },
    route: {
      network: 'cnn2-16-32-64',
      epochs: 15,
      learningRate: 0.003,
      batch: 64,
      labels: 'all',
      strategy: 'one-stage',
      anchors: 4,
      snapshotEvery: 1,
      delta: 1.5,
      hardnessTemperature: 1,
      maxAnchors: 6,
      resetOptimiser: true,
      dropWeak: true,
      corruption: 'none',
    },
    ensemble: {
      network: 'cnn2-16-32-64',
      epochs: 15,
      learningRate: 0.003,
      batch: 64,
      labels: 'all',
      members: 3,
      others: '',
      average: 'logits',
      corruption: 'none',
    },
    specialists: {
      network: 'cnn2-8-16',
      epochs: 15,
      learningRate: 0.003,
      batch: 64,
      labels: 'all',
      diversity: true,
      width: 8,
      split: 'ring',
      branches: 5,
      coverage: 2,
      groups: '0-3; 2-5; 4-7; 6-9; 0,1,8,9',
      heads: 'clean',
      trunk: 0,
      corruption: 'none',
    },
    granular: {
      source: 'digits-8x8-cnn-16-32-64',
      network: 'cnn2-16-32-64',
      epochs: 15,
      learningRate: 0.003,
      batch: 64,
      labels: 'all',
      mode: 'stable',
      abstractWidth: 0,
      detailedWidth: 0,
      headEpochs: 15,
      headRate: 0.01,
      keptHeads: 'last',
      lowTemperature: 2,
      highTemperature: 8,
      corruption: 'none',
    },
    peers: { peers: 1, network: 'cnn-8-16-32', lambda: 1 },
    none: {},
  },
  weightings: {
    fixed: { warmup: 0, decayFrom: 100, endWeight: 0, autoBalance: false },
    'hint-dynamic': {
      metaLearningRate: 0.01,
      metaInterval: 2,
      metaWarmup: 5,
      metaSet: 'held-out',
      metaPerClass: 10,
      autoBalance: true,
      ensembleMix: 0.5,
      ensembleMomentum: 0.9,
      metaBatch: 32,
      metaHidden: 64,
      metaWeightDecay: 0.0001,
      delta: 0.01,
      virtualLearningRate: 0.05,
    },
  },
};
