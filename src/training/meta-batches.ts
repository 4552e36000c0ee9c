import { BatchOrder, type OrderState } from '../distill/material/order';
import { RandomStream } from '../random/streams';
import { oneHotValues } from './batches';
import type { Plan } from './plan';
import type { PlainBatch } from './step-inputs';

/** Batches of the meta set: clean held-out images, or the student's own labelled ones where none are held out. */
export class MetaBatches {
  private readonly plan: Plan;
  private readonly order: BatchOrder;
  private readonly labels: Int32Array;

  constructor(plan: Plan) {
    const { material, recipe } = plan;
    const heldOut = material.meta.length > 0;
    this.plan = plan;
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

  next(): PlainBatch {
    const rows = this.order.next();
    const labels = rows.map((row) => this.labels[row]!);
    return { trainRows: rows, moves: null, oneHot: oneHotValues(labels, this.plan.classes) };
  }
}
