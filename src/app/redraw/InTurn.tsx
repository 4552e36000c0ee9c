import { Children, startTransition, useEffect, useMemo, useState, type ReactNode } from 'react';

/**
 * Puts its children on the page one after the other, one in each frame: together they would be a long task.
 * @param height in pixels, which is kept until all are there, so that nothing below or in view jumps
 */
export function InTurn({
  className,
  height,
  children,
}: {
  className?: string | undefined;
  height: number;
  children: ReactNode;
}) {
  const parts = useMemo(() => Children.toArray(children), [children]);
  const [there, setThere] = useState(1);
  const isComplete = there >= parts.length;
  useEffect(() => {
    if (isComplete) return undefined;
    const frame = requestAnimationFrame(() => startTransition(() => setThere(there + 1)));
    return () => cancelAnimationFrame(frame);
  }, [there, isComplete]);
  return (
    <div className={className} style={isComplete ? undefined : { minHeight: height }}>
      {parts.slice(0, there)}
    </div>
  );
}
