/** Whatever opens in a recipe lies within a low window, which leaves it least room. */
import { test } from 'vitest';
import { checkRecipeIn } from './floating-windows';
import { useBrowser } from './harness';

const open = useBrowser();

// Dialogs, charts and menus of runs, and other windows: `floating.long.test.ts`.
test('every menu, list and popover of a recipe lies within a low window', () =>
  checkRecipeIn(open, { width: 844, height: 390 }));
