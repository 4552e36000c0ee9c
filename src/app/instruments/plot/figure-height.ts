import { useViewportSize } from '@mantine/hooks';
import { createContext, use } from 'react';

/** Where a figure is drawn. */
export interface FigureFrame {
  /** Whether the panel around it fills the window. */
  fills: boolean;
  /** While it is drawn for a file; the height is in CSS px, or null for its own. */
  saved: { height: number | null; legend: boolean } | null;
}

export const FigurePlace = createContext<FigureFrame>({ fills: false, saved: null });

/** Above and below the figure: the panel's head, its key, a margin. */
const panelRoom = 150;
/** Leaves 240 px to the plot area. */
const least = 292;

/**
 * Height of a figure, in pixels: its own on a phone, elsewhere more on a taller window, and nearly all of the window when
 * its panel fills that; in a file what was asked for.
 */
export function useFigureHeight(own: number): number {
  const { width, height } = useViewportSize();
  const { fills, saved } = use(FigurePlace);
  if (saved) return saved.height ?? own;
  if (fills) return Math.max(200, height - panelRoom);
  return width <= 820 ? own : Math.max(own, least, Math.round(0.35 * height));
}
