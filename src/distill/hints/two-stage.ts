/** The protocol of hints that prepare the student before it learns: knobs, and how many steps it takes. No tensor. */
import type { ChoiceKnob, NumberKnob } from '../knobs';

/** `two`: the hint has the start of the run for itself and pulls no more after it; `joint`: beside the labels, throughout. */
export type Stages = 'two' | 'joint';

export const stagesKnob = (published: Stages) =>
  ({
    kind: 'choice',
    label: 'When it teaches',
    help: 'Before the student’s own training, which then goes on without it, or beside the labels for the whole run.',
    options: [
      { value: 'two', label: 'Before' },
      { value: 'joint', label: 'Beside' },
    ],
    default: published,
  }) as const satisfies ChoiceKnob;

/** 30 epochs before 240, which is what the benchmark gives methods with a stage of their own. */
export const initShareKnob = {
  kind: 'number',
  label: 'Length of the initialisation stage',
  unit: '% of the run',
  help: 'Steps before the student’s own training, as a share of it. They come on top, and the control has no part in them.',
  min: 0,
  max: 100,
  step: 0.5,
  default: 12.5,
  when: (values) => values['stages'] !== 'joint',
} as const satisfies NumberKnob;

/** Steps of the first stage; none where the hint teaches throughout. */
export function firstStageSteps(
  { stages, initShare }: { stages?: Stages; initShare: number },
  studentSteps: number,
): number {
  return stages === 'joint' ? 0 : Math.round((studentSteps * initShare) / 100);
}
