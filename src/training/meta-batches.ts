import { BatchOrder, type OrderState } from '../distill/material/order';
import type { Normalisation } from '../distill/material/images';
import { RandomStream } from '../random/streams';
import { oneHotValues } from './batches';
import type { Plan } from './plan';
import type { BatchArrays } from './step-inputs';

/** Batches of the meta set: clean held-out images, or the student's own labelled ones where none are held out. */
export class MetaBatches {
  private readonly plan: Plan;
  private readonly normalisation: Normalisation;
  private readonly order: BatchOrder;
  private readonly labels: Int32Array;

  constructor(plan: Plan, normalisation: Normalisation) {
    const { material, recipe } = plan;
    const heldOut = material.meta.length > 0;
    this.plan = plan;
    this.normalisation = normalisation;
    this.labels = heldOut ? material.dataset.train.labels : material.givenLabels;
    this.order = new BatchOrder(
      heldOut ? material.meta : material.labelled,
      Number(recipe.weighting.knobs['metaBatch'] ?? recipe.schedule.batch),
      RandomStream.fork(recipe.seed, 'order/meta'),
    );
  }

  /** Images per batch, the same for every batch of a run. */
  get size(): number {
    return this.order.batch;
  }

  state(): OrderState {
    return this.order.state();
  }

  restore(state: OrderState): void {
    this.order.restore(state);
  }

  next(): Pick<BatchArrays, 'images' | 'oneHot'> {
    const { source, material, classes } = this.plan;
    const rows = this.order.next();
    const labels = rows.map((row) => this.labels[row]!);
    return {
      images: source.batch(material.dataset.train, rows, this.normalisation),
      oneHot: oneHotValues(labels, classes),
    };
  }
}
