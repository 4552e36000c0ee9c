import type { Recipe } from '../../distill/recipe';
import type { Curve } from '../../record/summary';
import type { DatasetRef } from '../../storage/schema';
import type { BackendMove, Learner, Phase, RunEvent } from '../../training/events';
import type { RunId, RunStatus } from '../../worker/training-protocol';
import { RunRecord } from '../../record/run-record';
import type { Slice } from './state';

/** What the list of runs shows of a run; its numbers are in its `RunRecord`. */
export interface RunEntry {
  id: RunId;
  number: number;
  name: string;
  recipe: Recipe;
  state: RunStatus;
  final: Partial<Record<Learner, number>> | null;
  /** The person's own words. */
  notes: string;
  /** Milliseconds since 1970 */
  createdAt: number;
  /** Stored in the browser, and not only on this page. */
  stored: boolean;
  /** Another tab carries it out. */
  elsewhere: boolean;
  /** Where it can go on from. */
  saved: { phase: Phase; step: number } | null;
  /** States that the person has kept. */
  kept: { path: string; phase: Phase; step: number }[];
  /** Weights that are stored of it. */
  weights: StoredChoice;
  /** The thumbnail of a run whose numbers are not read yet. */
  curve: (Curve & { planned: number }) | null;
  /** What it takes in the storage. */
  bytes: number;
  /** What it studies, once that is stored. */
  dataset: DatasetRef | null;
  /** What it was begun on. */
  backend: string | null;
  /** Backends that it went on with. */
  moves: readonly BackendMove[];
}

/** What of a run's weights is stored, beside the states that were kept. */
export interface StoredChoice {
  /** Learners whose weights of the end are there. */
  ends: Learner[];
  /** The student's best measured ones. */
  best: { step: number; accuracy: number } | null;
  /** The newest saved state of a run that has not ended. */
  last: { path: string; phase: Phase; step: number } | null;
}

/** What the storage says of a run of which nothing has been written yet. */
export const nothingStored = {
  final: null,
  saved: null,
  kept: [],
  weights: { ends: [], best: null, last: null },
  curve: null,
  bytes: 0,
  dataset: null,
  backend: null,
  moves: [],
} satisfies Partial<RunEntry>;

export interface RunsSlice {
  runs: RunEntry[];
  /** The run that the worker is busy with. */
  active: RunId | null;
  /** The run that the instruments show. */
  viewed: RunId | null;
  start: () => void;
  pause: () => void;
  resume: () => void;
  step: () => void;
  stop: () => void;
  restart: () => void;
  /** One key for start, pause and resume. */
  startOrPause: () => void;
  view: (id: RunId) => void;
  takeEvents: (id: RunId, events: RunEvent[]) => void;
  takeState: (id: RunId, state: RunStatus) => void;
}

const over: readonly RunStatus[] = ['finished', 'stopped', 'failed', 'interrupted'];

export const runsSlice: Slice<RunsSlice> =
  ({ training, histories, ticker, arriving }) =>
  (set, get) => {
    const change = (id: RunId, changes: Partial<RunEntry>) =>
      set(({ runs }) => ({ runs: runs.map((run) => (run.id === id ? { ...run, ...changes } : run)) }));
    const activeState = () => get().runs.find((run) => run.id === get().active)?.state;
    const command = (type: 'pause' | 'resume' | 'step' | 'stop') => {
      const { active } = get();
      if (active) training.tell({ type, run: active });
    };

    return {
      runs: [],
      active: null,
      viewed: null,

      start: () => {
        const { recipe, runs, active } = get();
        if (active) return;
        const dataset = get().ownSet();
        if (recipe.material.dataset === 'upload' && !dataset) {
          get().notify({
            tone: 'warning',
            title: 'No images yet',
            text: 'This recipe uses your own images. Drop them on the page, or choose a bundled data set.',
            knob: 'material.dataset',
          });
          return;
        }
        const number = (runs.at(-1)?.number ?? 0) + 1;
        const id = newRunId();
        histories.set(id, new RunRecord(id, recipe));
        const entry: RunEntry = {
          id,
          number,
          name: recipe.title,
          recipe,
          state: 'preparing',
          notes: '',
          createdAt: Date.now(),
          stored: false,
          elsewhere: false,
          ...nothingStored,
        };
        // From here on the run has the recipe.
        set({ runs: [...runs, entry], active: id, viewed: id, selected: null, cameAs: recipe });
        set(({ notices }) => ({ notices: notices.filter(({ pastRun }) => !pastRun) }));
        get().announce('Run started.');
        // While the storage is being opened its worker waits for it, and the row is written once it is open.
        const keep = get().keeping !== false;
        // First of all, so that what breaks off at once can begin again.
        if (keep) void get().shelve(entry);
        // What keeps a run from starting is told as its failure, and a crash as its end.
        training.call('start', { run: id, recipe, dataset, keep }).catch(() => undefined);
      },
      pause: () => command('pause'),
      resume: () => command('resume'),
      step: () => {
        if (activeState() === 'running') command('pause');
        command('step');
      },
      stop: () => command('stop'),
      restart: () => {
        const { active } = get();
        if (active) {
          training.tell({ type: 'stop', run: active });
          // The page does not wait for the last words of the run that is given up.
          change(active, { state: 'stopped' });
          set({ active: null });
        }
        get().start();
      },
      startOrPause: () => {
        const state = activeState();
        if (state === 'running') get().pause();
        else if (state === 'paused') get().resume();
        else if (state === undefined) get().start();
      },

      view: (id) => {
        set({ viewed: id, selected: null });
        if (!histories.has(id)) void get().loadHistory(id);
        ticker.touch();
      },

      takeEvents: (id, events) => {
        const waiting = arriving.get(id);
        if (waiting) return void waiting.push(...events);
        const history = histories.get(id);
        if (!history) return;
        const before = history.outcome;
        history.take(events);
        if (history.outcome && history.outcome !== before) change(id, { final: history.outcome.final });
        for (const event of events) {
          if (event.type === 'phase') get().announce(event.text);
          if (event.type === 'views') get().endPreview(id);
          if (event.type === 'backend') {
            const backend = get().runs.find((run) => run.id === id)?.backend ?? event.name;
            change(id, { backend, moves: history.moves });
          }
          if (event.type === 'failed')
            get().notify({
              tone: 'warning',
              title: `Run ${get().runs.find((run) => run.id === id)?.number} failed`,
              pastRun: true,
              run: id,
              text: event.message,
              knob: event.knob,
            });
        }
        if (id === get().viewed) ticker.touch();
      },
      takeState: (id, state) => {
        change(id, { state });
        if (over.includes(state) && get().active === id) {
          set({ active: null });
          if (state === 'interrupted') get().offerResume(id);
          void get().reread(id);
        }
        if (state === 'paused') get().announce('Paused.');
        ticker.touch();
      },
    };
  };

/** Tells runs of all tabs and all days apart. */
function newRunId(): RunId {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
