/** The page on a phone by the rules of axe. */
import { test } from 'vitest';
import { useBrowser } from './harness';
import { expectNoObstacle } from './obstacles';

const open = useBrowser();

test('the light and the dark page have no serious obstacle on a phone', () =>
  expectNoObstacle(open, 'phone'));
