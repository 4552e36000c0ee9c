/** What the fused ops (see `fused-ops.ts`) take and save, and how a backend registers its kernels for them. */
import type { Attributes, FusedOp } from './fused-ops';
import { refuseSecondOrder } from './gradients';
import { tf } from './tf';

interface Signature {
  /**
   * In the order in which `forward` receives them. If left out: any number of inputs, named by number, none saved.
   */
  inputs?: readonly string[];
  /** What `gradients` receives: inputs by name (default: all), then outputs by number (default: none). */
  saves?: { inputs?: readonly string[]; outputs?: readonly number[] };
  /** Number of outputs; default 1. */
  outputs?: number;
}

const signatures: Record<FusedOp, Signature> = {
  /** x [...,C], scale, offset [C] -> y, coefficients [4,C], batch mean and unbiased variance [C] */
  RetortBatchNorm: {
    inputs: ['x', 'scale', 'offset'],
    outputs: 4,
    saves: { inputs: ['x'], outputs: [1] },
  },
  /** x [...,C], scale, offset, mean, variance [C] -> y */
  RetortNormalise: { inputs: ['x', 'scale', 'offset', 'mean', 'variance'] },
  /** x [B,H,W,C], kernel [1,1,C/groups,U] -> [B,H,W,U] */
  RetortGroupedConv: { inputs: ['x', 'kernel'] },
  /** x [B,D], kernel [D,U], bias [U] -> [B,U] */
  RetortDense: { inputs: ['x', 'kernel', 'bias'] },
  RetortRelu: { inputs: ['x'], saves: { inputs: [], outputs: [0] } },
  /** x [B,H,W,C] -> [B,C] */
  RetortGlobalAverage: { inputs: ['x'] },
  /** logits, labels [B,C] -> [B] */
  RetortCrossEntropy: { inputs: ['logits', 'labels'] },
  /** logits, labels [B,C], divisor [] -> [] */
  RetortMeanCrossEntropy: { inputs: ['logits', 'labels', 'divisor'] },
  /** student, teacher [B,C], temperature [1] -> [B] */
  RetortTemperatureKl: { inputs: ['student', 'teacher', 'temperature'] },
  /** Any number of vectors [B] -> side by side as [B,H] */
  RetortColumns: {},
  /** losses, weights (one, one per column or one per loss), divisor [] -> [] */
  RetortWeightedLosses: { inputs: ['losses', 'weights', 'divisor'] },
  /**
   * ce [B], losses [B,H], weights ([1,H] or [B,H]), rule (factor of ce, divisors of ce and of losses) -> the
   * objective factor * sum(ce) / divisor + sum(losses * weights) / divisor, and the mean of ce in it
   */
  RetortObjective: {
    inputs: ['ce', 'losses', 'weights', 'rule'],
    outputs: 2,
    saves: { inputs: ['losses', 'weights', 'rule'] },
  },
  /** a, b [B,...] -> [B] mean of (a - b)^2 */
  RetortSquaredDistance: { inputs: ['a', 'b'] },
  /** x [B,D], table [N,D], numbers of its rows [B,K] int32 -> products of each x with its rows [B,K] */
  RetortPickedProducts: { inputs: ['x', 'table', 'numbers'], saves: { inputs: ['table', 'numbers'] } },
  /** x [B,H,W,C] -> [B,height,width,C]: means over windows */
  RetortResample: { inputs: ['x'] },
  /** maps [B,H,W,C] -> attention maps [B,H*W] of length one, and the lengths [B] they had */
  RetortAttention: { inputs: ['maps'], outputs: 2, saves: { outputs: [0, 1] } },
};

/** The kernel of a fused op on a backend, and its gradient. */
export interface Definition<Backend> {
  forward: (backend: Backend, inputs: tf.TensorInfo[], attributes: Attributes) => tf.TensorInfo[];
  /** Gradient of each input, computed on demand; inputs without one are constants. */
  gradients: (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => Record<string, () => tf.Tensor>;
}

export type FusedDefinitions<Backend> = Partial<Record<FusedOp, Definition<Backend>>>;

/** Gradients by op and backend: TensorFlow.js knows one gradient per op. */
const gradientsOf = new Map<string, Map<string, Definition<never>['gradients']>>();

/** Registers the fused ops of a backend, which may lack some. Call once for each backend. */
export function registerFused<Backend>(backendName: string, definitions: FusedDefinitions<Backend>): void {
  for (const [kernelName, { forward, gradients }] of Object.entries(definitions)) {
    const { inputs: names, outputs = 1, saves } = signatures[kernelName as FusedOp];
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ backend, inputs, attrs }) =>
        forward(
          backend as Backend,
          (names ?? Object.keys(inputs)).map((name) => inputs[name]!),
          attrs as unknown as Attributes,
        ),
    });
    const known = gradientsOf.get(kernelName);
    if (known) {
      known.set(backendName, gradients);
      continue;
    }
    const byBackend = new Map([[backendName, gradients]]);
    gradientsOf.set(kernelName, byBackend);
    tf.registerGradient({
      kernelName,
      inputsToSave: [...(saves?.inputs ?? names ?? [])],
      outputsToSave: Array.from({ length: outputs }, (_, n) => saves?.outputs?.includes(n) ?? false),
      gradFunc: (dy, saved, attrs) => {
        refuseSecondOrder(kernelName);
        // Further outputs are statistics and are not differentiated.
        const first = Array.isArray(dy) ? dy[0]! : dy;
        return byBackend.get(tf.getBackend())!(first, saved, attrs as unknown as Attributes);
      },
    });
  }
}
