/** The page on a desktop by the rules of axe. */
import { test } from 'vitest';
import { useBrowser } from './harness';
import { expectNoObstacle } from './obstacles';

const open = useBrowser();

// The dark page and its dialogs before a run, and the page on a phone: `accessibility.long.test.ts`.
test('the page has no serious obstacle on a desktop, and none in either theme after a run', () =>
  expectNoObstacle(open, 'desktop', ['light']));
