/** The divisions of a convolution's work that `convolutions.test.ts` leaves out. */
import { describe } from 'vitest';
import { convolutionKernels } from './convolution-kernels';

describe('kernels', () => convolutionKernels('others'));
