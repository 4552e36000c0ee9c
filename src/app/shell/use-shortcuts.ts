import { useEffect } from 'react';
import { useSession } from '../store/hooks';

export interface Shortcut {
  keys: string;
  does: string;
}

export const shortcuts: readonly Shortcut[] = [
  { keys: 'Space', does: 'Start, pause or resume' },
  { keys: 'S', does: 'One step (pauses first)' },
  { keys: 'X', does: 'Stop the run' },
  { keys: 'R', does: 'Restart with the recipe as it is' },
  { keys: 'M', does: 'Choose a method' },
  { keys: 'D', does: 'Choose data, or upload' },
  { keys: '← →', does: 'Previous or next sample in the sample inspector' },
  { keys: '?', does: 'This list' },
];

/** Keys act only when nothing else wants them: not in fields, on buttons or in dialogs. */
export function useShortcuts(): void {
  const { view, data, runs } = useSession();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const page = view.getState();
      const isOpen = page.panel !== null || page.question !== null || data.getState().candidate !== null;
      if (isOpen || isTaken(event)) return;
      const { startOrPause, step, stop, restart } = runs.getState();
      const action = {
        ' ': startOrPause,
        s: step,
        x: stop,
        r: restart,
        m: () => page.set({ panel: 'methods' }),
        d: () => page.set({ panel: 'data' }),
        '?': () => page.set({ panel: 'shortcuts' }),
        ArrowLeft: () => void page.walk(-1),
        ArrowRight: () => void page.walk(1),
      }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view, data, runs]);
}

function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (
    target.closest(
      'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]',
    )
  )
    return true;
  // A focused button or link keeps its own key.
  return event.key === ' ' && target.closest('button, a, summary, [role="radio"], [role="switch"]') !== null;
}
