/** Whatever opens over the page lies within a low window, which leaves it least room. */
import { test } from 'vitest';
import { checkWindows } from './floating-windows';
import { useBrowser } from './harness';

const open = useBrowser();

test('every menu, list, popover and dialog lies within a low window', () =>
  checkWindows(open, [{ width: 844, height: 390 }]));
