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
    apply: ({ availableHeight, availableWidth, elements: { floating } }) => {
      const { style } = floating;
      const room = `${Math.floor(availableHeight)}px`;
      const isOther = style.getPropertyValue('--room-height') !== room;
      style.setProperty('--room-height', room);
      style.maxHeight = 'var(--room-height)';
      style.maxWidth = `${Math.floor(availableWidth)}px`;
      style.overflowY = 'auto';
      if (isOther) keepReachedInView(floating);
    },
  },
};

/** What the keyboard has reached would be out of sight when the room gets smaller while a list is open. */
function keepReachedInView(floating: HTMLElement): void {
  const reached = floating.querySelector(':focus, [data-combobox-selected]');
  for (let box = reached?.parentElement; box && floating.contains(box); box = box.parentElement) {
    if (box.scrollHeight <= box.clientHeight) continue;
    const [own, view] = [reached!.getBoundingClientRect(), box.getBoundingClientRect()];
    if (own.bottom > view.bottom) box.scrollTop += own.bottom - view.bottom;
    else if (own.top < view.top) box.scrollTop -= view.top - own.top;
  }
}

/** Height limit of the options under a field: `pixels`, or what the window leaves, without the list's own edge. */
export const listHeight = (pixels: number): string =>
  `min(${pixels}px, calc(var(--room-height, ${pixels}px) - 10px))`;
