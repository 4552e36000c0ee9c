import type { RunId } from '../../../worker/training-protocol';
import { mostCompared } from '../../theme/run-styles';
import type { Services } from '../services';
import type { ViewSlice } from './view-store';

export type Panel =
  | 'methods'
  | 'data'
  | 'dataset'
  | 'table'
  | 'collect'
  | 'experiment'
  | 'kept-teachers'
  | 'shortcuts'
  | null;
/** What the form of an experiment begins with in place of the present method alone. */
export interface ExperimentWish {
  /** Path of a knob to sweep. */
  knob?: string;
  /** Ids of methods. */
  methods: string[];
}

export type SampleFilter = 'all' | 'teacher-only' | 'student-only' | 'wrong-label' | 'no-label';

/** Selection, open panels and chart options. */
export interface LayoutSlice {
  /** The run that the instruments show. */
  viewed: RunId | null;
  /** The inspected row of the tracked samples. */
  selected: number | null;
  sampleFilter: SampleFilter;
  /**
   * Place among the measured samples of a run that the inspector shows in place of a tracked sample. It gives way when a
   * tracked sample is chosen.
   */
  measured: { run: RunId; place: number } | null;
  /** Runs that are laid over the charts of the run in view, in the order of their choice; it may be one of them. */
  compared: readonly RunId[];
  panel: Panel;
  /** For the form of an experiment, until it has taken it up. */
  experimentWish: ExperimentWish | null;
  /** On a phone: whether the recipe is unfolded. */
  recipeOpen: boolean;
  /** Sections of the recipe that are unfolded. */
  openSections: string[];
  /** Knob to scroll to and focus; the number distinguishes two jumps to the same knob. */
  reveal: { path: string; nth: number } | null;
  /** Rises when the button that starts the recipe should have the focus. */
  wantStart: number;
  smoothing: number;
  logLoss: boolean;
  showTrain: boolean;
  set: (changes: Partial<LayoutValues>) => void;
  /** Shows a run in the instruments; null: none. */
  show: (run: RunId | null) => void;
  /** Lays a run over the charts, or takes it away again; nothing where there are `mostCompared` already. */
  compare: (run: RunId) => void;
  /** Shows nothing of a run that was deleted. */
  forget: (run: RunId) => void;
  revealKnob: (path: string) => void;
  /** Gives the focus to the button that starts the recipe. */
  wantStartFocus: () => void;
  /** Goes to the next (1) or previous (-1) tracked sample that passes the filter. */
  walk: (by: 1 | -1) => Promise<void>;
}
type LayoutValues = Omit<
  LayoutSlice,
  'viewed' | 'set' | 'show' | 'compare' | 'forget' | 'wantStartFocus' | 'revealKnob' | 'reveal' | 'walk'
>;

/** Not for the first paint, when there is no run. */
const loadFilter = () => import('../../inspector/sample-filter');

/** Section of the recipe column in which the knob at this path stands. */
export function sectionOf(path: string): string {
  const [first, second] = path.split('.');
  if (first === 'objective') return second === 'ceWeight' ? 'schedule' : 'student';
  return first === 'seed' ? 'schedule' : first!;
}

export const layoutSlice =
  (records: Services['records']): ViewSlice<LayoutSlice> =>
  (set, get) => ({
    viewed: null,
    selected: null,
    sampleFilter: 'all',
    measured: null,
    compared: [],
    panel: null,
    experimentWish: null,
    recipeOpen: false,
    openSections: ['hints'],
    reveal: null,
    wantStart: 0,
    smoothing: 0.5,
    logLoss: false,
    showTrain: false,
    set: (changes) => set('selected' in changes ? { measured: null, ...changes } : changes),
    show: (run) => set({ viewed: run, selected: null }),
    compare: (run) =>
      set(({ compared }) => {
        if (compared.includes(run)) return { compared: compared.filter((other) => other !== run) };
        return compared.length < mostCompared ? { compared: [...compared, run] } : {};
      }),
    forget: (run) =>
      set(({ viewed, compared }) => ({
        viewed: viewed === run ? null : viewed,
        compared: compared.filter((other) => other !== run),
      })),
    wantStartFocus: () => set(({ wantStart }) => ({ wantStart: wantStart + 1, recipeOpen: false })),
    revealKnob: (path) => {
      const section = sectionOf(path);
      const { openSections, reveal } = get();
      set({
        panel: null,
        recipeOpen: true,
        openSections: openSections.includes(section) ? openSections : [...openSections, section],
        reveal: { path, nth: (reveal?.nth ?? 0) + 1 },
      });
    },
    walk: async (by) => {
      const { filteredRows } = await loadFilter();
      const { viewed, selected, sampleFilter } = get();
      const history = viewed === null ? undefined : records.get(viewed);
      if (!history?.tracked) return;
      const rows = filteredRows(history, history.snapshots.latest, sampleFilter);
      if (rows.length === 0) return;
      const place = selected === null ? -1 : rows.indexOf(selected);
      const next = place < 0 ? (by > 0 ? 0 : rows.length - 1) : (place + by + rows.length) % rows.length;
      get().set({ selected: rows[next]! });
    },
  });
