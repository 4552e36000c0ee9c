import { Select } from '@mantine/core';
import type { Learner } from '../../training/events';
import { useData, useLibrary } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { primaryScore } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';

/** Networks that can teach: the teacher's name for a run that had one is its learner "teacher". */
const teachable: readonly Learner[] = ['student', 'teacher', 'control', 'hard', 'full'];

/** Any network of an earlier run as the teacher of the next one. */
export function RunAsTeacher() {
  const runs = useLibrary((state) => state.runs);
  const active = useLibrary((state) => state.active);
  const pending = useData((state) => state.importedTeacher.pending);
  const teach = useData((state) => state.teachFromRun);
  const groups = runs.toReversed().flatMap((run, place) => {
    const learners = run.id === active ? [] : learnersOf(run, place === 0);
    if (learners.length === 0) return [];
    const items = learners.map((learner) => ({
      value: `${run.id} ${learner}`,
      label: labelOf(run, learner),
    }));
    return [{ group: `Run ${run.number}: ${run.name}`, items }];
  });
  if (groups.length === 0) return null;
  return (
    <Select
      label="A network of an earlier run"
      placeholder="Choose a run’s student, teacher or baseline"
      disabled={active !== null || pending}
      value={null}
      searchable={groups.length > 6}
      data={groups}
      onChange={(value) => {
        const [id, learner] = value?.split(' ') ?? [];
        if (id !== undefined) void teach(id, learner as Learner);
      }}
    />
  );
}

/** Whose weights are stored; of the newest run all that were measured. */
function learnersOf({ weights, final }: RunEntry, isNewest: boolean): Learner[] {
  return teachable.filter(
    (learner) => weights.ends.includes(learner) || (isNewest && final?.[learner] !== undefined),
  );
}

function labelOf({ task, unit, final, recipe }: RunEntry, learner: Learner): string {
  const { label, short } = learnerStyles[learner];
  const network = learner === 'teacher' ? '' : ` ${recipe.student.network}`;
  const score = final?.[learner];
  const { text } = primaryScore({
    ...(task ? { task } : {}),
    ...(unit === undefined ? {} : { targets: { names: [], units: [unit] } }),
  });
  return `${short ?? label}${network}${score === undefined ? '' : `, ${text(score)}`}`;
}
