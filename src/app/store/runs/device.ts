import type { BackendChoice, BackendName } from '../../../engine/backend-names';
import type { RunsSlice } from './runs-store';
import { sentenceOf } from '../../../limits/texts';

export interface DeviceSlice {
  /** Null until the worker has answered. */
  backend: BackendChoice | null;
  forcedBackend: BackendName | null;
  chooseBackend: (forced: BackendName | null) => void;
  takeBackend: (choice: BackendChoice) => void;
}

export const deviceSlice: RunsSlice<DeviceSlice> =
  ({ view, training }) =>
  (set) => ({
    backend: null,
    forcedBackend: null,
    chooseBackend: (forced) => {
      set({ backend: null, forcedBackend: forced });
      training.call('backend', { forced }).catch((error: unknown) =>
        view.getState().notify({
          tone: 'warning',
          title: 'Nothing can be trained now',
          text: `${sentenceOf(error)} Choose another backend at the device’s badge, or reload the page.`,
        }),
      );
    },
    takeBackend: (choice) => set({ backend: choice }),
  });
