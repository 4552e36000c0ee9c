import type { StoreApi } from 'zustand';
import type { RunRecord } from '../../record/run-record';
import type { Storage } from '../../storage/storage';
import type { RunId } from '../../worker/training-protocol';
import type { ExportPort, ImportPort, OnnxPort, TrainingPort } from '../ports';
import type { Ticker } from '../redraw/ticker';

/** What all stores share: the workers, the browser's storage, and the numbers of runs, which stay outside React. */
export interface Services {
  training: TrainingPort;
  /** Made on first use. */
  imports: () => ImportPort;
  /** Made on first use. */
  exports: () => ExportPort;
  /** Made on first use. */
  onnx: () => Promise<OnnxPort>;
  records: Map<RunId, RunRecord>;
  /** Opens the browser's storage; null where nothing is to be stored. */
  storage: ((onWait?: () => void) => Promise<Storage>) | null;
  ticker: Ticker;
}

/** What a store may do with another one: read its state, call its actions, subscribe. It cannot set its state. */
export type Reader<State> = Pick<StoreApi<State>, 'getState' | 'subscribe'>;
