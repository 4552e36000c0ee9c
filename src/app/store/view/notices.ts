import type { Problem } from '../../../distill/knobs';
import type { RunId } from '../../../worker/training-protocol';
import type { ViewSlice } from './view-store';

export interface Notice {
  id: number;
  tone: 'info' | 'warning';
  title: string;
  text: string;
  details?: string[];
  /** Path of a knob that the notice can jump to. */
  knob?: string | null;
  /** About a run that is over: it goes when the next one starts. */
  pastRun?: boolean;
  /** About this run: it goes when the run goes on, here or in another tab, or is deleted. */
  run?: RunId;
  /** What can be done about it. Doing it dismisses the notice. */
  action?: { label: string; act: () => void };
  /** Goes by itself after so long; only for what can be read elsewhere or is past. */
  seconds?: number;
}

export interface NoticesSlice {
  notices: Notice[];
  /** Read out by screen readers. */
  announcement: string;
  /** @returns its id, for `dismiss` */
  notify: (notice: Omit<Notice, 'id'>) => number;
  notifyProblems: (title: string, problems: readonly Problem[]) => void;
  dismiss: (id: number) => void;
  /** Drops the notices about a run that goes on or was deleted. */
  settle: (run: RunId) => void;
  /** Drops the notices about runs that are over, because the next one starts. */
  settlePast: () => void;
  announce: (text: string) => void;
}

let lastId = 0;

export const noticesSlice: ViewSlice<NoticesSlice> = (set, get) => ({
  notices: [],
  announcement: '',
  notify: (notice) => {
    lastId += 1;
    const fresh = { ...notice, id: lastId };
    // The same message twice is shown once.
    const others = get().notices.filter(
      (known) => known.title !== notice.title || known.text !== notice.text,
    );
    set({ notices: [...others, fresh].slice(-4) });
    return fresh.id;
  },
  notifyProblems: (title, problems) =>
    get().notify({
      tone: 'warning',
      title,
      text: 'What could not be read was replaced by its default.',
      details: problems.map(({ message }) => message),
    }),
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
  settle: (id) => set(({ notices }) => ({ notices: notices.filter(({ run }) => run !== id) })),
  settlePast: () => set(({ notices }) => ({ notices: notices.filter(({ pastRun }) => !pastRun) })),
  announce: (announcement) => set({ announcement }),
});
