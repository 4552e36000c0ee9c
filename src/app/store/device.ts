import type { BackendChoice, BackendName } from '../../engine/backend-names';
import type { Slice } from './state';

export interface DeviceSlice {
  /** Null until the worker has answered. */
  backend: BackendChoice | null;
  forcedBackend: BackendName | null;
  chooseBackend: (forced: BackendName | null) => void;
  takeBackend: (choice: BackendChoice) => void;
}

export const deviceSlice: Slice<DeviceSlice> =
  ({ training }) =>
  (set) => ({
    backend: null,
    forcedBackend: null,
    chooseBackend: (forced) => {
      set({ backend: null, forcedBackend: forced });
      training.send({ type: 'backend', forced });
    },
    takeBackend: (choice) => set({ backend: choice }),
  });
