/** The page by the rules of axe, where `accessibility.test.ts` does not look. */
import { test } from 'vitest';
import { useBrowser } from './harness';
import { expectNoObstacle } from './obstacles';

const open = useBrowser();

test('the dark page has no serious obstacle on a desktop', () => expectNoObstacle(open, 'desktop', ['dark']));

test('the light and the dark page have no serious obstacle on a phone', () =>
  expectNoObstacle(open, 'phone', ['light', 'dark']));
