/**
 * Each kernel of a convolution in many tiles, blocks and divisions of the work, whichever the engine would choose, against
 * the cpu backend of TensorFlow.js.
 */
import { describe } from 'vitest';
import { convolutionKernels } from './convolution-kernels';

describe('kernels', () => convolutionKernels('few'));
