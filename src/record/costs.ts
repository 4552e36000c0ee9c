/** What the networks of a run cost, whatever they have learned. */
import type { ByLearner, Cost, Learner, RunFacts } from '../training/events';
import type { RunRecord } from './run-record';

/** Who has a network of its own; all other lines compute as the student does. */
const ownNetwork: readonly string[] = ['student', 'full', 'teacher'] satisfies Learner[];

/** Of every learner with a network of its own that has been measured; a teacher of several networks counts all of them. */
export function costsOf({
  facts,
  outcome,
  evaluations,
}: Pick<RunRecord, 'facts' | 'outcome' | 'evaluations'>): ByLearner<Cost> {
  if (!facts) return {};
  const known = outcome
    ? Object.keys(outcome.final)
    : evaluations.student.keys.filter((key) => !key.includes('/'));
  const costs = known
    .filter((learner) => ownNetwork.includes(learner))
    .flatMap((learner) => {
      const cost = costOf(facts, learner as Learner);
      return cost ? [[learner, cost] as const] : [];
    });
  return Object.fromEntries(costs);
}

function costOf({ networks }: RunFacts, learner: Learner): Cost | null {
  const role = learner === 'teacher' ? 'teacher' : 'student';
  const own = networks.filter((network) => network.role === role);
  if (own.length === 0) return null;
  const sum = (of: (network: RunFacts['networks'][number]) => number) =>
    own.reduce((all, network) => all + of(network), 0);
  // The twin of a student in low precision has the same parameters in full.
  const bitsOf = ({ bits, parameters }: RunFacts['networks'][number]) =>
    learner === 'full' ? 32 * parameters : (bits ?? 32 * parameters);
  return {
    parameters: sum(({ parameters }) => parameters),
    multiplyAdds: sum(({ multiplyAdds }) => multiplyAdds),
    bytes: sum(bitsOf) / 8,
  };
}
