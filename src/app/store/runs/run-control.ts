/** Start, pause and stop, and what the training worker reports of the run in progress. */
import type { RunEvent } from '../../../training/events';
import type { RunId, RunStatus } from '../../../worker/training-protocol';
import type { RunsSlice } from './runs-store';

export interface RunControlSlice {
  start: () => void;
  pause: () => void;
  resume: () => void;
  step: () => void;
  stop: () => void;
  restart: () => void;
  /** One key for start, pause and resume. */
  startOrPause: () => void;
  takeEvents: (id: RunId, events: RunEvent[]) => void;
  takeState: (id: RunId, state: RunStatus) => void;
  /** Holds the events of a run back while its stored part is read, and takes them after it. */
  afterStored: (id: RunId, read: () => Promise<void>) => Promise<void>;
}

const over: readonly RunStatus[] = ['finished', 'stopped', 'failed', 'interrupted'];

export const runControlSlice: RunsSlice<RunControlSlice> =
  ({ view, library, recipe, data, training, ticker }) =>
  (_set, get) => {
    /** Events of runs whose stored part is being read. */
    const waiting = new Map<RunId, RunEvent[]>();

    const activeState = () => {
      const { runs, active } = library.getState();
      return runs.find((run) => run.id === active)?.state;
    };
    const command = (type: 'pause' | 'resume' | 'step' | 'stop') => {
      const { active } = library.getState();
      if (active) training.tell({ type, run: active });
    };
    /** Tells the user about events of the run. */
    const report = (id: RunId, event: RunEvent) => {
      const { announce, notify } = view.getState();
      if (event.type === 'phase') announce(event.text);
      if (event.type === 'views') get().endPreview(id);
      if (event.type === 'failed')
        notify({
          tone: 'warning',
          title: `Run ${library.getState().runs.find((run) => run.id === id)?.number} failed`,
          pastRun: true,
          run: id,
          text: event.message,
          knob: event.knob,
        });
    };

    return {
      start: () => {
        if (library.getState().active) return;
        const started = recipe.getState().recipe;
        const dataset = data.getState().ownSet();
        if (started.material.dataset === 'upload' && !dataset) {
          view.getState().notify({
            tone: 'warning',
            title: 'No data yet',
            text: 'This recipe uses your own data. Drop the files on the page, or choose a bundled data set.',
            knob: 'material.dataset',
          });
          return;
        }
        const entry = library.getState().addRun(started);
        view.getState().show(entry.id);
        recipe.getState().markStarted();
        view.getState().settlePast();
        view.getState().announce('Run started.');
        // While the storage is being opened the worker waits for it, and the label is stored once it is open.
        const keep = library.getState().keeping !== false;
        // Before the worker is called, so that a run that fails at once is in the list of stored runs.
        if (keep) void library.getState().storeRun(entry);
        // A refusal is reported as the run's failure, a crash as its end.
        training.call('start', { run: entry.id, recipe: started, dataset, keep }).catch(() => undefined);
      },
      pause: () => command('pause'),
      resume: () => command('resume'),
      step: () => {
        if (activeState() === 'running') command('pause');
        command('step');
      },
      stop: () => command('stop'),
      restart: () => {
        const { active, updateRun, setActive } = library.getState();
        if (active) {
          training.tell({ type: 'stop', run: active });
          // The new run does not wait until the old one has reported its end.
          updateRun(active, { state: 'stopped' });
          setActive(null);
        }
        get().start();
      },
      startOrPause: () => {
        const state = activeState();
        if (state === 'running') get().pause();
        else if (state === 'paused') get().resume();
        else if (state === undefined) get().start();
      },

      takeEvents: (id, events) => {
        const held = waiting.get(id);
        if (held) return void held.push(...events);
        if (!library.getState().recordEvents(id, events)) return;
        for (const event of events) report(id, event);
        if (id === view.getState().viewed) ticker.touch();
      },
      afterStored: async (id, read) => {
        waiting.set(id, []);
        await read();
        const held = waiting.get(id) ?? [];
        waiting.delete(id);
        get().takeEvents(id, held);
        ticker.touch();
      },
      takeState: (id, state) => {
        const { active, updateRun, setActive, reread } = library.getState();
        updateRun(id, { state });
        if (over.includes(state) && active === id) {
          setActive(null);
          if (state === 'interrupted') get().offerResume(id);
          void reread(id);
        }
        if (state === 'paused') view.getState().announce('Paused.');
        ticker.touch();
      },
    };
  };
