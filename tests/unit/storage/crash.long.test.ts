/** A run is cut off after each of its writes. */
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { useWasm } from '../../support/wasm-in-node';
import { begun, endAfterCut, eventsIn, hurry, comparable, toTheEnd } from './kept-run';
import { memoryStorage } from './memory-storage';

beforeAll(useWasm);
afterEach(() => vi.restoreAllMocks());

it('a run goes on with the same numbers, wherever the power is cut', async () => {
  const carried = begun(await memoryStorage());
  await toTheEnd(carried);
  const whole = comparable(eventsIn(carried));
  hurry();
  const ends: string[] = [];
  for (let writes = 0; ; writes++) {
    const end = await endAfterCut(writes, whole);
    if (end === null) break;
    ends.push(end);
  }
  expect(ends.filter((end) => end === 'resumed').length).toBeGreaterThan(25);
});
