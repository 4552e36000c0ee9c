/** A teacher's trace as a list of parts, each by its name, and back. */
import type { TracePart } from '../distill/hints/hint';
import { tf, type Tensor } from '../engine/tf';
import type { Trace } from '../nn/network';

/** A trace of these parts [B,...], given in their order; parts that are missing are [B,1] zeros. In the caller's tidy. */
export function traceOfParts(parts: readonly { part: TracePart }[], tensors: readonly Tensor[]): Trace {
  const nothing = tf.zeros([tensors[0]!.shape[0]!, 1]);
  const found = (wanted: TracePart) => tensors[parts.findIndex(({ part }) => part === wanted)] ?? nothing;
  const numbered = (list: 'stages' | 'preActivations') => {
    const numbers = parts.flatMap(({ part }) =>
      part.startsWith(`${list}/`) ? Number(part.split('/')[1]) : [],
    );
    return Array.from({ length: Math.max(-1, ...numbers) + 1 }, (_, k) => found(`${list}/${k}`));
  };
  const more = parts.flatMap(({ part }) => (part.startsWith('more/') ? part.slice('more/'.length) : []));
  return {
    logits: found('logits'),
    embedding: found('embedding'),
    stem: found('stem'),
    stages: numbered('stages'),
    preActivations: numbered('preActivations'),
    ...(more.length > 0
      ? { more: Object.fromEntries(more.map((name) => [name, found(`more/${name}`)])) }
      : {}),
  };
}

/** @throws Error where the trace has no such part */
export function partOf(trace: Trace, part: TracePart): Tensor {
  const [list, index] = part.split('/') as [string, string?];
  const found =
    list === 'more'
      ? trace.more?.[index!]
      : list === 'stages' || list === 'preActivations'
        ? trace[list][Number(index)]
        : trace[list as 'logits' | 'embedding' | 'stem'];
  if (!found) throw new Error(`This teacher shows no ${part}.`);
  return found;
}

/** The trace with each of its tensors replaced. */
export function mapTrace(trace: Trace, change: (part: Tensor) => Tensor): Trace {
  return {
    logits: change(trace.logits),
    embedding: change(trace.embedding),
    stem: change(trace.stem),
    stages: trace.stages.map(change),
    preActivations: trace.preActivations.map(change),
    ...(trace.more
      ? { more: Object.fromEntries(Object.entries(trace.more).map(([name, part]) => [name, change(part)])) }
      : {}),
  };
}
