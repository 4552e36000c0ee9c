import { ActionIcon, Tooltip } from '@mantine/core';
import { lazy, Suspense, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import { FigurePlace, type FigureFrame } from '../instruments/plot/figure-height';
import { Icon } from '../shell/icons';
import classes from './figures.module.css';

const SaveFigure = lazy(() => import('./SaveFigure'));

/** How a figure is laid out while it is drawn for a file. */
export interface Sitting {
  /** CSS px */
  width: number;
  height: number | null;
  legend: boolean;
  /** The page's theme, or the light one. */
  isLight: boolean;
}

/**
 * Lets a figure be saved: a button for its head, and the figure with what saves it. While its dialog is open, the figure
 * itself is laid out anew out of sight, so that whatever was chosen in it is in the file too.
 * @param fills whether it fills the window
 * @param aside whether it is in files alone: then it is drawn while its dialog is open, out of sight
 */
export function useSaving(
  title: string,
  fills: boolean,
  children: ReactNode,
  aside = false,
): { open: boolean; button: ReactNode; figure: ReactNode } {
  const body = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [sitting, setSitting] = useState<Sitting | null>(null);
  const [room, setRoom] = useState(0);
  const { width, height, legend, isLight } = sitting ?? {};
  const [place, setPlace] = useState<FigureFrame>({ fills, saved: null });
  const saved = sitting && { height: height ?? null, legend: legend ?? true };
  if (
    place.fills !== fills ||
    place.saved?.height !== saved?.height ||
    place.saved?.legend !== saved?.legend ||
    (place.saved === null) !== (saved === null)
  )
    setPlace({ fills, saved });
  const style: CSSProperties | undefined = sitting
    ? { width, ...(isLight ? { colorScheme: 'light' } : {}) }
    : undefined;
  return {
    open,
    button: (
      <Tooltip label="Save this figure" w="auto">
        <ActionIcon
          size={24}
          aria-label={`Save the figure: ${title}`}
          onClick={() => {
            setRoom(heightOf(body.current));
            setOpen(true);
          }}
        >
          <Icon name="download" size={14} />
        </ActionIcon>
      </Tooltip>
    ),
    figure: (
      <>
        {/* Keeps the page where it is. */}
        {sitting && !aside && <div style={{ height: room }} />}
        <div
          ref={body}
          className={sitting || aside ? classes.sitting : classes.body}
          {...(sitting && !sitting.legend ? { 'data-bare': true } : {})}
          style={style}
        >
          <FigurePlace value={place}>{aside && !open ? null : children}</FigurePlace>
        </div>
        {open && (
          <Suspense fallback={null}>
            <SaveFigure
              title={title}
              body={body}
              onSit={setSitting}
              onClose={() => {
                setSitting(null);
                setOpen(false);
              }}
            />
          </Suspense>
        )}
      </>
    ),
  };
}

/** Of what it holds: by itself it has no box. */
function heightOf(body: HTMLElement | null): number {
  if (!body) return 0;
  const range = document.createRange();
  range.selectNodeContents(body);
  return range.getBoundingClientRect().height;
}
