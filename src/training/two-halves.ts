/** Two halves of a batch, with labels (source) and without (target), that a network sees apart: each has batch statistics of its own. */
import { tf, type Tensor } from '../engine/tf';
import type { ModuleOpsOptions } from '../nn/module';
import type { Network, Trace } from '../nn/network';

/** Rows `from` to `from + count` of a tensor whose first axis is that of the batch. */
export function rowsOf<T extends Tensor>(x: T, from: number, count: number): T {
  return tf.slice(x, [from, ...x.shape.slice(1).map(() => 0)], [count, ...x.shape.slice(1)]) as T;
}

/** The trace of a batch whose first rows and other rows pass the network one after the other. */
export function forwardApart(
  network: Network,
  inputs: Tensor,
  first: number,
  options: ModuleOpsOptions,
): Trace {
  const count = inputs.shape[0]!;
  const source = network.forward(rowsOf(inputs, 0, first), options);
  const target = network.forward(rowsOf(inputs, first, count - first), options);
  return joined(source, target);
}

function joined(a: Trace, b: Trace): Trace {
  const both = (x: Tensor, y: Tensor): Tensor => tf.concat([x, y], 0);
  return {
    logits: both(a.logits, b.logits),
    embedding: both(a.embedding, b.embedding),
    stem: both(a.stem, b.stem),
    stages: a.stages.map((stage, k) => both(stage, b.stages[k]!)),
    preActivations: a.preActivations.map((map, k) => both(map, b.preActivations[k]!)),
    ...(a.more
      ? {
          more: Object.fromEntries(
            Object.entries(a.more).map(([name, map]) => [name, both(map, b.more![name]!)]),
          ),
        }
      : {}),
  };
}
