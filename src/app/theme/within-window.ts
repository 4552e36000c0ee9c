import type { PopoverProps } from '@mantine/core';

type Middlewares = NonNullable<PopoverProps['middlewares']>;

/** Room that is left between a floating part and the edge of the window, CSS px. */
const edge = 8;

/**
 * Keeps a menu, list or popover within the window: it opens where there is more room, and what does not fit there
 * scrolls inside it. The room is also the variable `--room-height`, for lists that scroll by themselves.
 */
export const withinWindow: Middlewares = {
  // Where nothing fits, the side with more room; else Mantine keeps the first one, which may have none.
  flip: { padding: edge, fallbackStrategy: 'bestFit' },
  shift: { padding: edge },
  size: {
    padding: edge,
    apply: ({ availableHeight, availableWidth, elements }) => {
      const { style } = elements.floating;
      style.setProperty('--room-height', `${Math.floor(availableHeight)}px`);
      style.maxHeight = 'var(--room-height)';
      style.maxWidth = `${Math.floor(availableWidth)}px`;
      style.overflowY = 'auto';
    },
  },
};

/** Height limit of the options under a field: `pixels`, or what the window leaves, without the list's own edge. */
export const listHeight = (pixels: number): string =>
  `min(${pixels}px, calc(var(--room-height, ${pixels}px) - 10px))`;
