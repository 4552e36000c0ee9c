/** Whatever opens over the page lies within the window. */
import { test } from 'vitest';
import { checkWindows } from './floating-windows';
import { useBrowser } from './harness';

const open = useBrowser();

test('every menu, list, popover and dialog lies within a low, a wide and a narrow window', () =>
  checkWindows(open, [
    { width: 844, height: 390 },
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
  ]));
