import type { StateCreator } from 'zustand';
import type { ExportPort, ImportPort, TrainingPort } from '../ports';
import type { RunHistory } from '../run/history';
import type { Ticker } from '../run/ticker';
import type { DataSlice } from './data';
import type { DeviceSlice } from './device';
import type { ExportsSlice } from './exports';
import type { FactsSlice } from './facts';
import type { NoticesSlice } from './notices';
import type { RecipeSlice } from './recipe';
import type { RunsSlice } from './runs';
import type { StudySlice } from './study';
import type { ViewSlice } from './view';

export type AppState = RecipeSlice &
  RunsSlice &
  DeviceSlice &
  DataSlice &
  ExportsSlice &
  FactsSlice &
  NoticesSlice &
  StudySlice &
  ViewSlice;

/** What slices share beside the state: the workers and the numbers that stay outside React. */
export interface Services {
  training: TrainingPort;
  /** Made on first use. */
  imports: () => ImportPort;
  /** Made on first use. */
  exports: () => ExportPort;
  histories: Map<string, RunHistory>;
  ticker: Ticker;
}

export type Slice<S> = (services: Services) => StateCreator<AppState, [], [], S>;
