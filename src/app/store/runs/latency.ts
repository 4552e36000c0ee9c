/** How long the networks of the run at hand take to answer, measured when the user asks. */
import type { RunId } from '../../../worker/training-protocol';
import type { RunsSlice } from './runs-store';

export interface LatencySlice {
  /** The run that is being measured. */
  measuring: RunId | null;
  /** Measures the networks of a run that is at hand and rests; what was measured before is replaced. */
  measureLatency: (run: RunId) => Promise<void>;
}

export const latencySlice: RunsSlice<LatencySlice> =
  ({ view, library, training, ticker }) =>
  (set, get) => ({
    measuring: null,
    measureLatency: async (run) => {
      if (get().measuring !== null) return;
      set({ measuring: run });
      const latencies = await training.call('measureLatency', { run }).catch(() => null);
      set({ measuring: null });
      if (!latencies) {
        view.getState().notify({
          tone: 'warning',
          title: 'Latency could not be measured',
          text: 'The networks of this run are not at hand. Only the newest run’s are, while its steps rest: run the recipe again.',
          knob: null,
        });
        return;
      }
      await library.getState().addEvents(run, [{ type: 'latency', latencies }]);
      view.getState().announce('Latency measured.');
      ticker.touch();
    },
  });
