import { describe } from 'vitest';
import { goldenCases, slowOnCpu, slowOnWasm } from './cases';

describe('golden cases on wasm', () => goldenCases('wasm', slowOnWasm));
describe('golden cases on cpu', () => goldenCases('cpu', slowOnCpu));
