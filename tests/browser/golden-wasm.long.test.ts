import { describe } from 'vitest';
import { goldenCases } from './golden-cases';

describe('golden cases on wasm', () => goldenCases('wasm'));
