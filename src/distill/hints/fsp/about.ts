import { anyTarget, type HintAbout, type PairFacts } from '../../about';
import { defineKnobs } from '../../knobs';
import { firstStageSteps, initShareKnob, stagesKnob } from '../two-stage';

export const fspKnobs = defineKnobs({ stages: stagesKnob('two'), initShare: initShareKnob });

/** Flows are compared number by number, so every map needs as many channels as the teacher's. */
function refuse({ student, teacher }: PairFacts): string | null {
  const channels = ({ stem, stages }: PairFacts['student']) => [stem, ...stages].map((shape) => shape[2]!);
  const [ours, theirs] = [channels(student), channels(teacher)];
  return ours.join() === theirs.join()
    ? null
    : `FSP compares channels one by one, so both networks need the same numbers of them: the student has ${ours.join('-')}, the teacher ${theirs.join('-')} (first layer and stages). Pick networks that differ in depth only, such as resnet8 and resnet20.`;
}

export const fsp = {
  id: 'fsp',
  title: 'FSP · Flow of solution procedure',
  kind: 'features',
  reads: ['stem', 'stages'],
  layouts: ['map', 'vector'],
  targets: anyTarget,
  line: 'How the channels of one stage go with those of the next: the way to the solution rather than its steps.',
  paper: {
    authors: 'Yim, Joo, Bae, Kim',
    title:
      'A gift from knowledge distillation: fast optimization, network minimization and transfer learning',
    venue: 'CVPR',
    year: 2017,
    url: 'https://openaccess.thecvf.com/content_cvpr_2017/html/Yim_A_Gift_From_CVPR_2017_paper.html',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = \\sum_k \\operatorname{mean}_{ab}\\left(G^s_{ik} - G^t_{ik}\\right)^2,\\quad G_k = \\tfrac{1}{HW}F_k^\\top F_{k+1}',
  defaultWeight: 50,
  knobs: fspKnobs,
  preludeSteps: firstStageSteps,
  refuse,
} as const satisfies HintAbout<typeof fspKnobs>;
