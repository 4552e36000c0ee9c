/** Registers the fused ops (see `fused-ops.ts`) and their gradients. */
import type { FusedOp } from '../fused-ops';
import { refuseSecondOrder } from '../gradients';
import { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';
import type { Attributes, Definition } from './fused-definition';
import { layers } from './fused-layers';
import { ofLosses } from './fused-losses';

const definitions: Record<FusedOp, Definition> = { ...layers, ...ofLosses };

/** Call once. */
export function registerFusedKernels(): void {
  for (const [kernelName, definition] of Object.entries(definitions)) {
    const { inputs: names, outputs = 1, saves, forward, gradients } = definition;
    const keeps = Array.from({ length: outputs }, (_, n) => saves?.outputs?.includes(n) ?? false);
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ backend, inputs, attrs }) =>
        forward(
          backend as RetortBackend,
          (names ?? Object.keys(inputs)).map((name) => inputs[name]!),
          attrs as unknown as Attributes,
        ),
    });
    tf.registerGradient({
      kernelName,
      inputsToSave: [...(saves?.inputs ?? names ?? [])],
      outputsToSave: keeps,
      gradFunc: (dy, saved, attrs) => {
        refuseSecondOrder(kernelName);
        // Further outputs are statistics and are not differentiated.
        const first = Array.isArray(dy) ? dy[0]! : dy;
        return gradients(first, saved, attrs as unknown as Attributes);
      },
    });
  }
}
