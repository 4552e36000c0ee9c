import { useViewportSize } from '@mantine/hooks';
import { createContext, use } from 'react';

/** Whether the panel around a figure fills the window. */
export const FillsWindow = createContext(false);

/** Above and below the figure: the panel's head, its key, a margin. */
const panelRoom = 150;
/** Leaves 240 px to the plot area. */
const least = 292;

/**
 * Height of a figure, in pixels: its own on a phone, elsewhere more on a taller window, and nearly all of the window when
 * its panel fills that.
 */
export function useFigureHeight(own: number): number {
  const { width, height } = useViewportSize();
  const fills = use(FillsWindow);
  if (fills) return Math.max(200, height - panelRoom);
  return width <= 820 ? own : Math.max(own, least, Math.round(0.35 * height));
}
