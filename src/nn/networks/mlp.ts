import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';

/**
 * Multi-layer perceptron: pixels flattened in NHWC order, one dense layer with ReLU per width (`layers.{i}`), and the
 * classifier `fc`. Its stages are the hidden layers as maps of one pixel, so that feature hints apply.
 */
export function mlp(widths: readonly number[], classes: number): NetworkDefinition {
  return (ops, images) => {
    let hidden = ops.flatten(images);
    const before = widths.map((units, i) => {
      const sum = ops.dense(hidden, { name: `layers.${i}`, units });
      hidden = ops.relu(sum);
      return { preActivation: ops.asMap(sum), stage: ops.asMap(hidden) };
    });
    return traceWith(
      ops,
      { stem: before[0]!.stage, stages: before, embedding: hidden },
      { name: 'fc', units: classes },
    );
  };
}
