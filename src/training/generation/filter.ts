/** The last phase: pictures with which the teacher agrees least are left out, and the others get the label that it sees. */
import { absoluteErrors, below, judged, quantile } from '../../distill/material/generated/select';
import type { Task } from '../../distill/tasks/task';
import type { GeneratedView } from '../../distill/views';
import type { GenerationPlan } from './plan';
import type { Group } from './sampling';

/** What is kept of all groups. */
export interface KeptPictures {
  count: number;
  /** [count*H*W*C] bytes */
  pixels: Uint8Array;
  /** [count*T] the label of each, in the target's unit */
  labels: Float32Array;
}

/** Parts of the view's histogram. */
const parts = 20;

/** @param share of each group that is kept; null for all, with the labels that they were made for */
export function filtered(
  groups: readonly Group[],
  plan: GenerationPlan,
  task: Task,
  share: number | null,
): { kept: KeptPictures; view: GeneratedView['filtered'] } {
  const each = groups.map((group, label) => ({ group, ...judgedGroup(group, label, plan, task, share) }));
  const chosen = each.map(({ group, keep }) =>
    Array.from({ length: group.count }, (_, i) => i)
      .filter((i) => keep[i] === 1)
      .slice(0, group.wanted),
  );
  const count = chosen.reduce((sum, rows) => sum + rows.length, 0);
  const size = plan.shape.reduce((product, side) => product * side, 1);
  const width = plan.condition.kind === 'class' ? 1 : plan.condition.width;
  const kept = { count, pixels: new Uint8Array(count * size), labels: new Float32Array(count * width) };
  let at = 0;
  let changed = 0;
  each.forEach(({ group, labels, changes }, g) => {
    for (const row of chosen[g]!) {
      kept.pixels.set(group.pixels.subarray(row * size, (row + 1) * size), at * size);
      kept.labels.set(labels.subarray(row * width, (row + 1) * width), at * width);
      changed += changes[row]!;
      at++;
    }
  });
  if (share === null) return { kept, view: undefined };
  const values = each.flatMap(({ values }) => Array.from(values));
  const keeps = each.flatMap(({ keep }) => Array.from(keep));
  const cuts = each.flatMap(({ cut, group }) => (group.count > 0 ? [cut] : []));
  // The few largest would press all others into one part.
  const high = Math.max(quantile(values, 0.98), ...cuts, 1e-6);
  const counts = { kept: new Array<number>(parts).fill(0), dropped: new Array<number>(parts).fill(0) };
  values.forEach((value, i) => {
    const part = Math.min(parts - 1, Math.floor((value / high) * parts));
    counts[keeps[i] === 1 ? 'kept' : 'dropped'][part]!++;
  });
  const measure = plan.condition.kind === 'class' ? 'cross-entropy' : 'error';
  return { kept, view: { measure, high, ...counts, cuts, changed: changed / Math.max(1, count) } };
}

/** Per picture of a group: what it is judged by, whether it is kept, its label and how far that is from what it was made for. */
function judgedGroup(group: Group, label: number, plan: GenerationPlan, task: Task, share: number | null) {
  const { kind, width } = plan.condition;
  const all = new Uint8Array(group.count).fill(1);
  if (kind === 'class') {
    if (share === null)
      return {
        values: new Float64Array(),
        cut: NaN,
        keep: all,
        labels: new Float32Array(group.count).fill(label),
        changes: new Float64Array(group.count),
      };
    const made = new Int32Array(group.count).fill(label);
    const { losses, top } = judged(group.outputs, width, made);
    const cut = quantile(losses, share);
    return {
      values: losses,
      cut,
      keep: below(losses, cut),
      labels: Float32Array.from(top),
      changes: Float64Array.from(top, (other) => Number(other !== label)),
    };
  }
  const { mean, deviation } = task.scale!;
  const inUnit = (values: Float32Array) =>
    values.map((value, i) => value * deviation[i % width]! + mean[i % width]!);
  const wanted = inUnit(group.conditions);
  if (share === null)
    return {
      values: new Float64Array(),
      cut: NaN,
      keep: all,
      labels: wanted,
      changes: new Float64Array(group.count),
    };
  const said = inUnit(group.outputs);
  // Several numbers have several units: their errors are counted in deviations.
  const errors =
    width === 1 ? absoluteErrors(said, wanted, 1) : absoluteErrors(group.outputs, group.conditions, width);
  const cut = quantile(errors, share);
  return { values: errors, cut, keep: below(errors, cut), labels: said, changes: errors };
}
