/** Batches of the meta loss of HKD. */
import type { Task } from '../distill/tasks/task';
import { targetsOf, type Targets } from '../data/dataset';
import { numbersPerMove } from '../distill/modalities/image/image-source';
import { BatchOrder, type OrderState } from '../distill/material/order';
import { RandomStream } from '../random/streams';
import type { StudentBatches } from './batches';
import type { Plan } from './plan';
import type { PlainBatch } from './step-inputs';

export interface MetaBatches {
  /** Images per batch, the same for every batch of a run. */
  readonly size: number;
  /** The meta batch of the next step; call after its own batch was drawn. */
  next(): PlainBatch;
  /** Null without an order of its own. */
  state(): OrderState | null;
  restore(state: OrderState | null): void;
}

/** The meta batches of the recipe's weighting. @param batches the student's own, which give the next batch */
export function createMetaBatches(plan: Plan, batches: StudentBatches): MetaBatches {
  const { metaSet } = plan.recipe.weighting.knobs;
  return metaSet === 'next-batch' ? new NextBatch(plan, batches) : new DrawnBatches(plan);
}

/** Clean held-out images, or without them the student's labelled ones, in an order of their own. */
class DrawnBatches implements MetaBatches {
  private readonly plan: Plan;
  private readonly order: BatchOrder;
  private readonly targets: Targets;

  constructor(plan: Plan) {
    const { material, recipe } = plan;
    const heldOut = material.meta.length > 0;
    this.plan = plan;
    this.targets = heldOut ? targetsOf(material.dataset.train) : material.given;
    this.order = new BatchOrder(
      heldOut ? material.meta : material.labelled,
      recipe.weighting.knobs.metaBatch ?? recipe.schedule.batch,
      RandomStream.fork(recipe.seed, 'order/meta'),
    );
  }

  get size(): number {
    return this.order.batch;
  }

  state(): OrderState {
    return this.order.state();
  }

  restore(state: OrderState | null): void {
    if (state) this.order.restore(state);
  }

  next(): PlainBatch {
    const rows = this.order.next();
    return { trainRows: rows, moves: null, targets: this.plan.material.task.encode(this.targets, rows) };
  }
}

/**
 * The labelled images of the student's next batch, as it will be trained on: no label that the student does not have.
 * An image that is in the step's own batch too (a new epoch has begun) does not count: the meta loss would reward
 * knowing it by heart. The others then count for more, so that the meta loss stays their mean. Where every batch holds
 * all labelled images, all of them count.
 */
class NextBatch implements MetaBatches {
  private readonly batches: StudentBatches;
  private readonly task: Task;

  constructor({ material }: Plan, batches: StudentBatches) {
    this.task = material.task;
    this.batches = batches;
  }

  get size(): number {
    return this.batches.labelledSize;
  }

  /** The state of the student's batches covers the batch drawn ahead. */
  state(): null {
    return null;
  }

  restore(): void {
    // There is no state.
  }

  next(): PlainBatch {
    const { size, task } = this;
    const { trainRows, moves, targets } = this.batches.ahead();
    const rows = trainRows.slice(0, size);
    const given = targets.slice(0, size * task.width);
    const now = new Set(this.batches.current);
    const counting = rows.filter((row) => !now.has(row)).length;
    if (counting > 0 && counting < size)
      rows.forEach((row, i) => task.weighRow(given, i, now.has(row) ? 0 : size / counting));
    return { trainRows: rows, moves: moves?.slice(0, size * numbersPerMove) ?? null, targets: given };
  }
}
