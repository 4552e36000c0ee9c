import type { InstanceSnapshot } from '../training/events';

/** Named per-instance quantity: "loss:ce", "weight:kd", "spread:kd", "fidelity:kl". */
export type Quantity = `${'loss' | 'weight' | 'spread' | 'fidelity'}:${string}`;

/**
 * Snapshots of the tracked samples over time. Above the limit every other one is dropped; the newest is always kept.
 */
export class SnapshotStore {
  readonly steps: number[] = [];
  latest: InstanceSnapshot | null = null;
  private readonly moments: Map<Quantity, Float32Array>[] = [];
  /** Number of snapshots before each one. Those divisible by the stride are kept. */
  private readonly ordinals: number[] = [];
  private stride = 1;

  constructor(private readonly limit = 256) {}

  push(snapshot: InstanceSnapshot): void {
    this.latest = snapshot;
    const ordinal = (this.ordinals.at(-1) ?? -1) + 1;
    while (this.steps.length > 0 && this.steps.at(-1)! >= snapshot.step) this.drop(this.steps.length - 1);
    if (this.steps.length > 0 && this.ordinals.at(-1)! % this.stride !== 0) this.drop(this.steps.length - 1);
    this.steps.push(snapshot.step);
    this.moments.push(quantitiesOf(snapshot));
    this.ordinals.push(ordinal);
    if (this.steps.length >= this.limit) this.thin();
  }

  get length(): number {
    return this.steps.length;
  }

  get quantities(): Quantity[] {
    return [...(this.moments.at(-1)?.keys() ?? [])];
  }

  /** [N] values of one snapshot, or null when it lacks the quantity. */
  at(moment: number, quantity: Quantity): Float32Array | null {
    return this.moments[moment]?.get(quantity) ?? null;
  }

  /** All quantities of one snapshot, [N] each. */
  allAt(moment: number): ReadonlyMap<Quantity, Float32Array> {
    return this.moments[moment] ?? new Map();
  }

  newest(quantity: Quantity): Float32Array | null {
    return this.at(this.moments.length - 1, quantity);
  }

  /** Index of the last snapshot that is not after `step`, or -1. */
  momentAt(step: number): number {
    let place = -1;
    for (const [index, moment] of this.steps.entries()) if (moment <= step) place = index;
    return place;
  }

  private drop(place: number): void {
    for (const list of [this.steps, this.moments, this.ordinals]) list.splice(place, 1);
  }

  private thin(): void {
    this.stride *= 2;
    for (let place = this.steps.length - 2; place > 0; place -= 1)
      if (this.ordinals[place]! % this.stride !== 0) this.drop(place);
  }
}

function quantitiesOf(snapshot: InstanceSnapshot): Map<Quantity, Float32Array> {
  const map = new Map<Quantity, Float32Array>();
  const put = (prefix: 'loss' | 'weight' | 'spread' | 'fidelity', values: Record<string, number[]>) => {
    for (const [key, numbers] of Object.entries(values))
      map.set(`${prefix}:${key}`, Float32Array.from(numbers));
  };
  put('weight', snapshot.weights);
  put('loss', snapshot.losses);
  put('spread', snapshot.spreads);
  put('fidelity', snapshot.fidelity ?? {});
  return map;
}
