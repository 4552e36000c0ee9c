/** Targets of all instances of a set that is read, before it is split. */
import { mostCharacters, shortened } from '../limits/texts';
import type { Column, TargetSpec } from './dataset';

export interface InstanceTargets {
  spec: TargetSpec;
  /** Values per instance. */
  width: number;
  values: Int32Array | Float32Array | Uint8Array;
  /** What a split keeps the shares of: a number 0..K-1 per instance. */
  strata: Int32Array;
  /** Of the strata. */
  names: string[];
  /** "of each class" */
  each: string;
}

/** Groups of which a split of numbers keeps the shares. */
const quantiles = 10;

/**
 * One or several numbers; a split keeps the shares of the tenths of the first.
 * @param values [N*titles.length]
 * @param titles such as "Body mass (g)": a name, and a unit in brackets
 * @param signs per title, the sign that its numbers are written with, which is the unit where the title names none
 */
export function numberTargets(
  values: Float32Array,
  titles: readonly string[],
  signs: readonly string[] = [],
): InstanceTargets {
  const width = titles.length;
  const count = values.length / width;
  const order = Array.from({ length: count }, (_, row) => row).sort(
    (a, b) => values[a * width]! - values[b * width]! || a - b,
  );
  const strata = new Int32Array(count);
  for (const [rank, at] of order.entries()) strata[at] = Math.floor((rank * quantiles) / count);
  const names = Array.from({ length: quantiles }, (_, i) => `tenth ${i + 1}`);
  const named = titles.map((title) => withUnit(shortened(title, mostCharacters.label)));
  const spec = {
    kind: 'number' as const,
    names: named.map(({ name }) => name),
    units: named.map(({ unit }, i) => unit || (signs[i] ?? '')),
  };
  const each = `of each tenth of ${width === 1 ? 'the numbers' : `“${named[0]!.name}”`}`;
  return { spec, width, values, strata, names, each };
}

/** @param values [N*labels.length] 0 or 1 */
export function labelTargets(values: Uint8Array, labels: readonly string[]): InstanceTargets {
  const spec = {
    kind: 'labels' as const,
    names: labels.map((name) => shortened(name, mostCharacters.label)),
  };
  const strata = new Int32Array(values.length / labels.length);
  return { spec, width: labels.length, values, strata, names: ['all'], each: 'of all' };
}

/** Targets of some instances, in their order. */
export function pickedTargets(
  { spec, values, width }: Pick<InstanceTargets, 'spec' | 'values' | 'width'>,
  instances: ArrayLike<number>,
): Column {
  const Values = values.constructor as new (length: number) => typeof values;
  const out = new Values(instances.length * width);
  for (let i = 0; i < instances.length; i++)
    out.set(values.subarray(instances[i]! * width, (instances[i]! + 1) * width), i * width);
  return { values: out, shape: spec.kind === 'class' ? [] : [width] };
}

/** "Body mass (g)" as name and unit; "" for none. */
export function withUnit(title: string): { name: string; unit: string } {
  const found = /^(.*\S)\s*[([]([^()[\]]{1,12})[)\]]$/.exec(title);
  return found ? { name: found[1]!, unit: found[2]!.trim() } : { name: title, unit: '' };
}
