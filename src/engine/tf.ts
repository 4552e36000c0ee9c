/**
 * The one door to TensorFlow.js: everything else imports `tf` from here. Core ops and gradients only; backends are
 * loaded on demand by `backends.ts`.
 */
export * as tf from '@tensorflow/tfjs-core';
export type {
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorLike,
  Variable,
} from '@tensorflow/tfjs-core';

// Registers the gradient of every op; without it nothing can be differentiated. It must come after the core, whose
// flags it reads.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
