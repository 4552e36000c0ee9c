import { describe } from 'vitest';
import { goldenCases, isLongOnWebgpu } from './golden-cases';

// On wasm they run in Node (tests/golden), and in the browser as a long test.
describe('golden cases on webgpu', () => goldenCases('webgpu', (path) => !isLongOnWebgpu(path)));
