/**
 * The only import of TensorFlow.js: all other files import `tf` from here. Core ops and gradients only; `backends.ts`
 * loads backends on demand.
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

// Registers the gradient of every op; required for differentiation. It must follow the core, whose flags it reads.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
