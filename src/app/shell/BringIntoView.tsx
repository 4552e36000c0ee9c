import { useEffect, useRef, type RefObject } from 'react';
import { useActiveState, useData, useLibrary, useRecipe } from '../store/hooks';

/**
 * Brings the head and the curves into view when a run begins, and the head when other images are taken. A component
 * that draws nothing, so that nothing else is drawn again when what it follows changes.
 */
export function BringIntoView({ centre }: { centre: RefObject<HTMLElement | null> }): null {
  const active = useLibrary((state) => state.active);
  const dataset = useRecipe((state) => state.recipe.material.dataset);
  const upload = useData((state) => state.upload);
  // While a run is prepared the head still grows.
  const begun = useActiveState() === 'preparing' ? null : active;
  const before = useRef({ begun, dataset, upload });
  useEffect(() => {
    const last = before.current;
    before.current = { begun, dataset, upload };
    const hasBegun = begun !== null && begun !== last.begun;
    const hasOtherImages = dataset !== last.dataset || (dataset === 'upload' && upload !== last.upload);
    if (!hasBegun && !hasOtherImages) return;
    // Read after the next paint, when the head has its new height.
    const frame = requestAnimationFrame(() => {
      const element = centre.current;
      if (!element) return;
      // On a phone the window scrolls, elsewhere the centre does.
      element.scrollTo({ top: 0 });
      element.scrollIntoView({ block: 'nearest' });
      if (hasBegun) element.querySelector('[data-plot]')?.scrollIntoView({ block: 'nearest' });
    });
    return () => cancelAnimationFrame(frame);
  }, [begun, dataset, upload, centre]);
  return null;
}
