/** The page on a desktop by the rules of axe; on a phone it is a long test. */
import { test } from 'vitest';
import { useBrowser } from './harness';
import { expectNoObstacle } from './obstacles';

const open = useBrowser();

test('the light and the dark page have no serious obstacle on a desktop', () =>
  expectNoObstacle(open, 'desktop'));
