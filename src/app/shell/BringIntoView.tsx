import { useEffect, useRef, type RefObject } from 'react';
import { useActiveState, useData, useLibrary, useRecipe, useView } from '../store/hooks';

/**
 * Brings the head and the curves into view when a run begins, the head when other images are taken, and the head when a
 * run that is looked at has its result, unless it has been scrolled away. A component that draws nothing, so that nothing
 * else is drawn again when what it follows changes.
 */
export function BringIntoView({ centre }: { centre: RefObject<HTMLElement | null> }): null {
  const active = useLibrary((state) => state.active);
  const viewed = useView((state) => state.viewed);
  const finished = useLibrary(({ runs }) =>
    runs.find(({ id }) => id === viewed)?.state === 'finished' ? viewed : null,
  );
  const dataset = useRecipe((state) => state.recipe.material.dataset);
  const upload = useData((state) => state.upload);
  // While a run is prepared the head still grows.
  const begun = useActiveState() === 'preparing' ? null : active;
  const before = useRef({ begun, finished, dataset, upload });
  const latest = useRef(begun);
  const isHeadInView = useRef(true);
  useEffect(() => {
    const last = before.current;
    before.current = { begun, finished, dataset, upload };
    const hasBegun = begun !== null && begun !== last.begun;
    latest.current = begun ?? latest.current;
    const hasEnded = finished !== last.finished && finished === latest.current;
    const hasResult = finished !== null && hasEnded && isHeadInView.current;
    const hasOtherImages = dataset !== last.dataset || (dataset === 'upload' && upload !== last.upload);
    if (!hasBegun && !hasResult && !hasOtherImages) return;
    // Read after the next paint, when the head has its new height.
    const frame = requestAnimationFrame(() => {
      const element = centre.current;
      if (!element) return;
      // On a phone the window scrolls, elsewhere the centre does.
      element.scrollTo({ top: 0 });
      element.firstElementChild?.scrollIntoView({ block: 'nearest' });
      if (hasBegun) element.querySelector('[data-plot]')?.scrollIntoView({ block: 'nearest' });
    });
    return () => cancelAnimationFrame(frame);
  }, [begun, finished, dataset, upload, centre]);

  useEffect(() => {
    const head = centre.current?.firstElementChild;
    if (!head) return;
    const observer = new IntersectionObserver(([entry]) => {
      isHeadInView.current = entry!.isIntersecting;
    });
    observer.observe(head);
    return () => observer.disconnect();
  }, [centre]);
  return null;
}
