/** Every golden case on wasm and on cpu, but for whole networks that take either too long: these are long tests. */
import { describe } from 'vitest';
import { goldenCases, slowOnCpu, slowOnWasm } from './cases';

describe('golden cases on wasm', () => goldenCases('wasm', (name) => !slowOnWasm(name)));
describe('golden cases on cpu', () => goldenCases('cpu', (name) => !slowOnCpu(name)));
