/** Every golden case on wasm, and on cpu all but whole networks that take it half a minute each: these are long tests. */
import { describe } from 'vitest';
import { goldenCases, slowOnCpu } from './cases';

describe('golden cases on wasm', () => goldenCases('wasm', () => true));
describe('golden cases on cpu', () => goldenCases('cpu', (name) => !slowOnCpu(name)));
