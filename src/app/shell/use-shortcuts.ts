import { useEffect } from 'react';
import { useSession } from '../store/context';

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
  { keys: '← →', does: 'Previous or next image in the sample inspector' },
  { keys: '?', does: 'This list' },
];

/** Keys act only when nothing else wants them: not in fields, on buttons or in dialogs. */
export function useShortcuts(): void {
  const { store } = useSession();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const state = store.getState();
      if (state.panel !== null || state.candidate !== null || state.question !== null || isTaken(event))
        return;
      const action = {
        ' ': state.startOrPause,
        s: state.step,
        x: state.stop,
        r: state.restart,
        m: () => state.set({ panel: 'methods' }),
        d: () => state.set({ panel: 'data' }),
        '?': () => state.set({ panel: 'shortcuts' }),
        ArrowLeft: () => state.walk(-1),
        ArrowRight: () => state.walk(1),
      }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [store]);
}

function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.closest(
      'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]',
    )
  )
    return true;
  // A focused button or link keeps its own key.
  return event.key === ' ' && target.closest('button, a, summary, [role="radio"], [role="switch"]') !== null;
}
