import { computedOn, type FairRun } from '../../experiment/fair-row';
import type { RunRecord } from '../../record/run-record';

/** What can make it unfair to compare a run with others, or its student with its baseline. */
export function fairRunOf({ recipe, facts, marks, outcome, backends }: RunRecord): FairRun {
  return {
    recipe,
    facts,
    turned: marks.map(({ path }) => path),
    final: outcome?.final ?? null,
    stopped: outcome?.stopped ?? false,
    computedOn: computedOn(backends, facts),
  };
}
