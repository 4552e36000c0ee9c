import type { StateCreator } from 'zustand';
import type { Storage } from '../../storage/storage';
import type { RunEvent } from '../../training/events';
import type { ExportPort, ImportPort, TrainingPort } from '../ports';
import type { RunRecord } from '../../record/run-record';
import type { Ticker } from '../run/ticker';
import type { DataSlice } from './data';
import type { DeviceSlice } from './device';
import type { ExportsSlice } from './exports';
import type { FactsSlice } from './facts';
import type { KeptSlice } from './kept';
import type { NoticesSlice } from './notices';
import type { PreviewSlice } from './preview';
import type { QuestionSlice } from './question';
import type { RecipeSlice } from './recipe';
import type { RunsSlice } from './runs';
import type { StudySlice } from './study';
import type { BroughtSlice } from './brought';
import type { RunFilesSlice } from './run-files';
import type { StoredSlice } from './stored';
import type { ThrownAwaySlice } from './thrown-away';
import type { ViewSlice } from './view';

export type AppState = RecipeSlice &
  RunsSlice &
  StoredSlice &
  ThrownAwaySlice &
  RunFilesSlice &
  DeviceSlice &
  DataSlice &
  KeptSlice &
  ExportsSlice &
  FactsSlice &
  NoticesSlice &
  PreviewSlice &
  QuestionSlice &
  StudySlice &
  BroughtSlice &
  ViewSlice;

/** What slices share beside the state: the workers and the numbers that stay outside React. */
export interface Services {
  training: TrainingPort;
  /** Made on first use. */
  imports: () => ImportPort;
  /** Made on first use. */
  exports: () => ExportPort;
  histories: Map<string, RunRecord>;
  /** Events that wait until the stored part of their run has been read. */
  arriving: Map<string, RunEvent[]>;
  /** Opens what the browser keeps; null where nothing is to be kept. */
  storage: ((onWait?: () => void) => Promise<Storage>) | null;
  ticker: Ticker;
}

export type Slice<S> = (services: Services) => StateCreator<AppState, [], [], S>;
