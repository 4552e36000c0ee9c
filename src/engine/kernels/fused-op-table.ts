/** Registers the fused ops (see `fused-ops.ts`) of WebGPU and their gradients. */
import { registerFused, type FusedDefinitions } from '../fused-definition';
import type { FusedOp } from '../fused-ops';
import type { RetortBackend } from '../webgpu-backend';
import { layers } from './fused-layers';
import { ofLosses } from './fused-losses';

/** All but what is composed there. */
type OnWebgpu = Exclude<FusedOp, 'RetortPickedProducts' | 'RetortResample'>;

const definitions = { ...layers, ...ofLosses } satisfies Required<
  Pick<FusedDefinitions<RetortBackend>, OnWebgpu>
>;

/** Call once. */
export function registerFusedKernels(): void {
  registerFused<RetortBackend>('webgpu', definitions satisfies Record<OnWebgpu, unknown>);
}
