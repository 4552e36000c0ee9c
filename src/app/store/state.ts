import type { StateCreator } from 'zustand';
import type { Storage } from '../../storage/storage';
import type { RunEvent } from '../../training/events';
import type { ExportPort, ImportPort, TrainingPort } from '../ports';
import type { RunRecord } from '../../record/run-record';
import type { Ticker } from '../redraw/ticker';
import type { DataSlice } from './data';
import type { DeviceSlice } from './device';
import type { ExportsSlice } from './exports';
import type { FactsSlice } from './facts';
import type { SavedDatasetsSlice } from './data/saved-datasets';
import type { NoticesSlice } from './notices';
import type { PreviewSlice } from './preview';
import type { QuestionSlice } from './question';
import type { RecipeSlice } from './recipe';
import type { RunsSlice } from './runs';
import type { StudySlice } from './study';
import type { ImportedTeacherSlice } from './data/imported-teacher';
import type { RunFilesSlice } from './run-files';
import type { RunLibrarySlice } from './library/run-library';
import type { UndoSlice } from './library/undo';
import type { ViewSlice } from './view';

export type AppState = RecipeSlice &
  RunsSlice &
  RunLibrarySlice &
  UndoSlice &
  RunFilesSlice &
  DeviceSlice &
  DataSlice &
  SavedDatasetsSlice &
  ExportsSlice &
  FactsSlice &
  NoticesSlice &
  PreviewSlice &
  QuestionSlice &
  StudySlice &
  ImportedTeacherSlice &
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
