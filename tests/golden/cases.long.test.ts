import { describe } from 'vitest';
import { goldenCases, slowOnCpu } from './cases';

describe('golden cases on cpu', () => goldenCases('cpu', slowOnCpu));
