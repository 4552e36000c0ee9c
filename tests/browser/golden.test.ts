import { describe } from 'vitest';
import { goldenCases } from './golden-cases';

// On wasm they run in Node (tests/golden), and in the browser as a long test.
describe('golden cases on webgpu', () => goldenCases('webgpu'));
