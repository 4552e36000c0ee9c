/**
 * What the methods of the picker made of a base in version 1, as plain data: a study of version 1 that names a method
 * means this. Never changed, whatever becomes of today's methods.
 */
import type { KnobValues } from '../knobs';

export interface MethodOfVersion1 {
  id: string;
  title: string;
  /**
   * Who teaches. `own`: the base's teacher, or a first one. `former-self`: the student's network from the student's
   * labels. `deeper-twin`: a deeper network with the student's channels. Else a kind of teacher.
   */
  teacher:
    | 'own'
    | 'none'
    | 'former-self'
    | 'deeper-twin'
    | 'ensemble'
    | 'route'
    | 'specialists'
    | 'granular'
    | 'peers';
  hints: readonly HintOfVersion1[];
  /** Hints of a base that has several stay as they are. */
  keepsSeveralHints?: true;
  weighting: { id: string; knobs: KnobValues };
  schedule: KnobValues;
  objective: KnobValues;
}

/** A hint of a method. The base's own entry of that hint stays, with these changes. */
export interface HintOfVersion1 {
  id: string;
  weight: number;
  /** Knobs that make it this method. */
  knobs?: KnobValues;
  /** Knobs of an entry that the base does not have. */
  first?: KnobValues;
}

type Changes = Partial<Omit<MethodOfVersion1, 'id' | 'title' | 'hints'>> & { warmup?: number };

function method(
  id: string,
  title: string,
  hints: readonly HintOfVersion1[],
  ceWeight: number,
  { warmup, objective, ...changes }: Changes = {},
): MethodOfVersion1 {
  return {
    id,
    title,
    hints,
    teacher: 'own',
    weighting: { id: 'fixed', knobs: warmup === undefined ? {} : { warmup } },
    schedule: {},
    objective: { ceWeight, ...objective },
    ...changes,
  };
}

const softTargets = (weight: number): HintOfVersion1 => ({ id: 'kd', weight, first: { temperature: 2 } });

/** In the order of the picker of version 1, which is the order of a study of all methods. */
export const methodsOfVersion1: readonly MethodOfVersion1[] = [
  method('labels-only', 'Labels only', [], 1, { teacher: 'none', objective: { hardAnswers: false } }),
  method('ls', 'Label smoothing', [{ id: 'ls', weight: 1 }], 0, { teacher: 'none' }),
  method('tfkd-reg', 'Teacher-free KD, hand-made teacher', [{ id: 'tfkd-reg', weight: 0.1 }], 0.9, {
    teacher: 'none',
  }),
  method('kd', 'Knowledge distillation (KD)', [softTargets(0.9)], 0.1),
  method('dkd', 'Decoupled soft targets (DKD)', [{ id: 'dkd', weight: 1 }], 1, { warmup: 8 }),
  method('nkd', 'Normalised soft targets (NKD)', [{ id: 'nkd', weight: 1 }], 1),
  method('wsld', 'Weighted soft labels (WSLD)', [{ id: 'wsld', weight: 2.25 }], 1),
  method('dist', 'Relations of answers (DIST)', [{ id: 'dist', weight: 2 }], 1),
  method('lskd', 'Standardised logits (LSKD)', [{ id: 'lskd', weight: 9 }], 0.1),
  method('logits', 'Raw logits', [{ id: 'logits', weight: 0.1 }], 1),
  method('tfkd-self', 'Teacher-free KD, its own former self', [{ id: 'tfkd-self', weight: 0.9 }], 0.1, {
    teacher: 'former-self',
  }),
  method('dot', 'Distillation-oriented trainer (DOT)', [softTargets(0.9)], 0.1, {
    schedule: { optimiser: 'dot', learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  }),
  method('ctkd', 'Curriculum temperature (CTKD)', [{ id: 'ctkd', weight: 0.9 }], 0.1),
  method('mlld', 'Multi-level logits (MLLD)', [{ id: 'mlld', weight: 0.9 }], 0.1),
  method('fitnet', 'FitNet', [{ id: 'fitnet', weight: 100 }], 1),
  method('at', 'Attention transfer (AT)', [{ id: 'at', weight: 1000 }], 1),
  method('review', 'Knowledge review (ReviewKD)', [{ id: 'review', weight: 1 }], 1, { warmup: 8 }),
  method('nst', 'Channel patterns (NST)', [{ id: 'nst', weight: 50 }], 1),
  method('vid', 'Variational information (VID)', [{ id: 'vid', weight: 1 }], 1),
  method(
    'fitnet-two',
    'FitNet, two stages',
    [{ id: 'fitnet', weight: 100, knobs: { stages: 'two' } }, softTargets(0.9)],
    0.1,
  ),
  method('ofd', 'Overhaul of features (OFD)', [{ id: 'ofd', weight: 0.001 }], 1),
  method('semckd', 'Semantic calibration (SemCKD)', [softTargets(1), { id: 'semckd', weight: 400 }], 1),
  method('ft', 'Factor transfer (FT)', [{ id: 'ft', weight: 200 }], 1),
  method('ab', 'Activation boundaries (AB)', [{ id: 'ab', weight: 1 }], 1),
  method('fsp', 'Flow between layers (FSP)', [{ id: 'fsp', weight: 50 }], 1, { teacher: 'deeper-twin' }),
  method('sp', 'Similarity of images (SP)', [{ id: 'sp', weight: 3000 }], 1),
  method('rkd', 'Distances and angles (RKD)', [{ id: 'rkd', weight: 1 }], 1),
  method('pkt', 'Neighbour probabilities (PKT)', [{ id: 'pkt', weight: 30_000 }], 1),
  method('cc', 'Correlation of images (CC)', [{ id: 'cc', weight: 100 }], 1),
  method('crd', 'Contrast between images (CRD)', [{ id: 'crd', weight: 0.8 }], 1),
  method('ensemble', 'Ensemble', [softTargets(0.9)], 0.1, { teacher: 'ensemble' }),
  method('rco', 'Route constrained (RCO)', [softTargets(0.9)], 0.1, { teacher: 'route' }),
  method('specialists', 'Unified specialists (USTE)', [{ id: 'soft-answers', weight: 1 }], 0.3, {
    teacher: 'specialists',
  }),
  method('mgd', 'Multi-granularity (MGD)', [softTargets(0.8), { id: 'codes', weight: 1 }], 0.2, {
    teacher: 'granular',
  }),
  method('dml', 'Deep mutual learning (DML)', [{ id: 'dml', weight: 1 }], 1, { teacher: 'peers' }),
  method('kd-feature', 'KD + feature, fixed weights', [softTargets(0.9), { id: 'fitnet', weight: 1 }], 0.1),
  method('hkd', 'Hint-dynamic KD (HKD)', [softTargets(3), { id: 'fitnet', weight: 1 }], 1, {
    keepsSeveralHints: true,
    weighting: { id: 'hint-dynamic', knobs: {} },
    schedule: { optimiser: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  }),
];
