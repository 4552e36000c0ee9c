/** Tables of the page as comma-separated text. */
import { taskAboutOf } from '../distill/tasks/about';
import { computedOn, rowOfRun, type FairRun } from '../experiment/fair-row';
import { fairnessSentences } from '../experiment/fairness';
import type { Learner, RunFacts } from '../training/events';
import { csvTable, type Cell } from './csv-table';
import type { Metrics } from '../record/run-metrics';
import { secondDomainKey } from '../record/run-record';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

type PerTarget = NonNullable<Metrics['perTarget']>;

/** Final accuracy (0..1) per class, one column per learner; else the scores of each number or label. */
export function classesCsv({ facts, perClass, perTarget }: Metrics): string {
  if (facts?.targets) return targetsCsv(facts.targets, perTarget ?? {});
  const measured = learners.filter((learner) => perClass?.[learner] !== undefined);
  const rows = (facts?.dataset.classes ?? []).map((name, label) => [
    label,
    name,
    ...measured.map((learner) => perClass?.[learner]?.[label]),
  ]);
  return csvTable(['class', 'name', ...measured], rows);
}

function targetsCsv({ names, units }: NonNullable<RunFacts['targets']>, perTarget: PerTarget): string {
  const columns = Object.entries(perTarget).flatMap(([score, of]) =>
    learners
      .filter((learner) => of[learner])
      .map((learner) => ({ name: `${score}:${learner}`, values: of[learner]! })),
  );
  const rows = names.map((name, place) => [
    place,
    name,
    units[place],
    ...columns.map(({ values }) => (Number.isFinite(values[place]) ? values[place] : null)),
  ]);
  return csvTable(['target', 'name', 'unit', ...columns.map(({ name }) => name)], rows);
}

/** Lines of students in low precision have columns where there are any. */
const isAlwaysListed = (learner: Learner) => learner !== 'full' && learner !== 'rounded';

/** Runs side by side: one row each, with settings, final metrics and, the same in every row, what sets the runs apart. */
export function runsCsv(runs: readonly Metrics[]): string {
  const head = ['run', 'name', 'method', 'data', 'student', 'seed', 'steps', 'seconds', 'backend'];
  const scores = [...new Set(runs.map(({ facts }) => taskAboutOf(facts).scores[0].id))];
  const present = learners.filter(
    (learner) => isAlwaysListed(learner) || runs.some(({ final }) => final?.[learner] !== undefined),
  );
  const columns = (scores.length > 0 ? scores : ['accuracy']).flatMap((score) =>
    present.map((learner) => ({ score, learner })),
  );
  // Only where a run has one: the table of all others stays as it was.
  const second = columns.filter(({ score, learner }) =>
    runs.some(({ secondDomain }) => secondDomain?.[score]?.[learner] !== undefined),
  );
  const more = furtherColumns(runs, present);
  const mind = fairnessSentences(
    runs.map((run) => rowOfRun(`run ${run.number}`, fairRunOf(run))),
    'runs',
  ).join(' ');
  const rows = runs.map((run) => [
    run.number,
    run.name,
    run.recipe.method,
    run.facts?.dataset.title ?? run.recipe.material.dataset,
    run.recipe.student.network,
    run.recipe.seed,
    run.recipe.schedule.steps,
    run.seconds,
    run.backends.map((use) => use.name).join(' > '),
    ...columns.map(({ score, learner }) =>
      taskAboutOf(run.facts).scores[0].id === score ? run.final?.[learner] : null,
    ),
    ...second.map(({ score, learner }) => run.secondDomain?.[score]?.[learner]),
    ...more.map(({ of }) => of(run)),
    ...(mind === '' ? [] : [mind]),
  ]);
  const names = [
    ...columns.map(({ score, learner }) => `${score}:${learner}`),
    ...second.map(({ score, learner }) => `${score}:${secondDomainKey(learner)}`),
    ...more.map(({ name }) => name),
    ...(mind === '' ? [] : ['mind_when_comparing']),
  ];
  return csvTable([...head, ...names], rows);
}

function fairRunOf({ recipe, facts, knobs, final, stopped, backends }: Metrics): FairRun {
  return {
    recipe,
    facts,
    final,
    turned: knobs.map(({ path }) => path),
    stopped: stopped ?? false,
    computedOn: computedOn(backends, facts),
  };
}

/** Further scores, costs, latencies (ms) and training times (s), as far as one of the runs has them. */
function furtherColumns(runs: readonly Metrics[], present: readonly Learner[]) {
  const ids = [...new Set(runs.flatMap(({ facts }) => taskAboutOf(facts).further.map(({ id }) => id)))];
  const ofLearners = (name: string, of: (run: Metrics, learner: Learner) => Cell) =>
    present.map((learner) => ({ name: `${name}:${learner}`, of: (run: Metrics) => of(run, learner) }));
  const columns = [
    ...ids.flatMap((id) => ofLearners(id, (run, learner) => run.further?.[id]?.[learner])),
    { name: 'constant', of: ({ constant }: Metrics): Cell => constant },
    ...ofLearners('parameters', ({ costs }, learner) => costs[learner]?.parameters),
    ...ofLearners('multiply_adds', ({ costs }, learner) => costs[learner]?.multiplyAdds),
    ...ofLearners('bytes', ({ costs }, learner) => costs[learner]?.bytes),
    ...ofLearners('latency_ms', ({ latencies }, learner) => latencies?.networks[learner]?.one),
    ...ofLearners('latency_batch_ms', ({ latencies }, learner) => latencies?.networks[learner]?.batch),
    { name: 'latency_batch', of: ({ latencies }: Metrics): Cell => latencies?.batch },
    {
      name: 'teacher_seconds',
      of: ({ trainingSeconds }: Metrics): Cell => trainingSeconds?.teacher,
    },
    {
      name: 'student_seconds',
      of: ({ trainingSeconds }: Metrics): Cell => trainingSeconds?.student,
    },
  ];
  return columns.filter(({ of }) => runs.some((run) => of(run) != null));
}
