import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { heConv } from './building-blocks';

/**
 * Wide residual network (Zagoruyko and Komodakis 2016): depth 6n+4, pre-activation blocks, stem 16, stages 16, 32, 64
 * times the widening. Equal to HobbitLong/RepDistiller in parameters, names, first values and traces.
 *
 * Its blocks end in a sum without ReLU, so stem and stages are raw sums (they can be negative); a stage's
 * pre-activation is the batch norm that the next block (or the head) applies to it.
 */
export function wrn(depth: number, widening: number, classes: number): NetworkDefinition {
  const blocks = (depth - 4) / 6;
  return (ops, images) => {
    const stem = heConv(ops, images, 'conv1', 16, 3, 1);
    let x = stem;
    const stages: (typeof images)[] = [];
    const preActivations: (typeof images)[] = [];
    for (const [stage, base] of [16, 32, 64].entries()) {
      for (let block = 0; block < blocks; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const name = `block${stage + 1}.layer.${block}`;
        const { normalised, sum } = preActivationBlock(ops, x, name, base * widening, stride);
        if (stage > 0 && block === 0) preActivations.push(normalised);
        x = sum;
      }
      stages.push(x);
    }
    const last = ops.batchNorm(x, 'bn1');
    preActivations.push(last);
    const embedding = ops.globalAveragePool(ops.relu(last));
    const logits = ops.dense(embedding, { name: 'fc', units: classes, zeroBias: true });
    return { logits, embedding, stem, stages, preActivations };
  };
}

function preActivationBlock<T>(ops: Ops<T>, x: T, name: string, filters: number, stride: number) {
  const normalised = ops.batchNorm(x, `${name}.bn1`);
  const active = ops.relu(normalised);
  let y = heConv(ops, active, `${name}.conv1`, filters, 3, stride);
  y = ops.batchNormRelu(y, `${name}.bn2`);
  y = heConv(ops, y, `${name}.conv2`, filters, 3, 1);
  const same = ops.shapeOf(x)[2] === filters;
  const shortcut = same ? x : heConv(ops, active, `${name}.convShortcut`, filters, 1, stride);
  return { normalised, sum: ops.add(shortcut, y) };
}
