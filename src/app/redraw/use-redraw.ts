import { startTransition, useEffect, useRef, useState, type RefObject } from 'react';
import { useSession } from '../store/hooks';

/**
 * A number that rises when this panel should look at its run again. Panels out of sight do not ask; they catch up
 * when they come back.
 */
export function usePanelVersion<E extends Element>(): [number, RefObject<E | null>] {
  const { ticker } = useSession().services;
  const ref = useRef<E>(null);
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let visible = true;
    let stale = false;
    const draw = () => {
      stale = false;
      startTransition(() => setVersion((value) => value + 1));
    };
    const unregister = ticker.register(() => {
      if (visible) draw();
      else stale = true;
    });
    const observer = new IntersectionObserver(([entry]) => {
      visible = entry?.isIntersecting ?? true;
      if (visible && stale) draw();
    });
    if (ref.current) observer.observe(ref.current);
    return () => {
      unregister();
      observer.disconnect();
    };
  }, [ticker]);
  return [version, ref];
}

/** The same for small numbers in the bars, which are always in sight. */
export function useRunVersion(): number {
  const { ticker } = useSession().services;
  const [version, setVersion] = useState(0);
  useEffect(() => ticker.register(() => startTransition(() => setVersion((value) => value + 1))), [ticker]);
  return version;
}

/** One plain value of a run; the component is drawn again only when it has changed. */
export function useRunValue<T extends string | number | boolean | null>(read: () => T): T {
  const { ticker } = useSession().services;
  const [, setDrawn] = useState(0);
  const value = read();
  const shown = useRef({ read, value });
  useEffect(() => {
    shown.current = { read, value };
  });
  useEffect(
    () =>
      ticker.register(() => {
        if (Object.is(shown.current.read(), shown.current.value)) return;
        startTransition(() => setDrawn((drawn) => drawn + 1));
      }),
    [ticker],
  );
  return value;
}
