import { describe } from 'vitest';
import { goldenCases, isLongOnWebgpu } from './golden-cases';

describe('golden cases on wasm', () => goldenCases('wasm', () => true));
describe('more golden cases on webgpu', () => goldenCases('webgpu', isLongOnWebgpu));
