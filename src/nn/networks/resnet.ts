import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from '.';

/**
 * Residual network for small images (He et al. 2016, CIFAR form) with the widths of the distillation benchmarks:
 * depth 6n+2, a 3x3 stem, three stages of n basic blocks, stride 2 at the start of stages 2 and 3. Width 1: stem 16,
 * stages 16-32-64; a wider one has a stem of 32 and stages 16, 32, 64 times the width.
 *
 * Equal to the networks of HobbitLong/RepDistiller in parameters, names, first values and traces.
 */
export function resnet(depth: number, width: number, classes: number): NetworkDefinition {
  const blocks = (depth - 2) / 6;
  const stem = width === 1 ? 16 : 32;
  return (ops, images) => {
    const first = conv(ops, images, 'conv1', stem, 3, 1);
    const f0 = ops.batchNormRelu(first, 'bn1');
    let x = f0;
    const stages = [16, 32, 64].map((base, stage) => {
      let preActivation = x;
      for (let block = 0; block < blocks; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        preActivation = basicBlock(ops, x, `layer${stage + 1}.${block}`, base * width, stride);
        x = ops.relu(preActivation);
      }
      return { preActivation, stage: x };
    });
    const embedding = ops.globalAveragePool(x);
    return {
      logits: ops.dense(embedding, { name: 'fc', units: classes }),
      embedding,
      stem: f0,
      stages: stages.map((stage) => stage.stage),
      preActivations: stages.map((stage) => stage.preActivation),
    };
  };
}

/** The block up to its sum; the caller applies the last ReLU and keeps both. */
function basicBlock<T>(ops: Ops<T>, x: T, name: string, filters: number, stride: number): T {
  let y = conv(ops, x, `${name}.conv1`, filters, 3, stride);
  y = ops.batchNormRelu(y, `${name}.bn1`);
  y = conv(ops, y, `${name}.conv2`, filters, 3, 1);
  y = ops.batchNorm(y, `${name}.bn2`);
  if (stride === 1 && ops.shapeOf(x)[2] === filters) return ops.add(y, x);
  const shortcut = conv(ops, x, `${name}.downsample.0`, filters, 1, stride);
  return ops.add(y, ops.batchNorm(shortcut, `${name}.downsample.1`));
}

function conv<T>(ops: Ops<T>, x: T, name: string, filters: number, kernel: number, stride: number): T {
  return ops.conv(x, { name, filters, kernel, stride, padding: (kernel - 1) / 2, init: 'he-fan-out' });
}
