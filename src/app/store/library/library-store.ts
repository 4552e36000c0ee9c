/** The runs that the page knows, and the browser's storage behind them. Uses the view store. */
import { createStore, type StateCreator, type StoreApi } from 'zustand';
import type { Reader, Services } from '../services';
import type { ViewState } from '../view/view-store';
import { browserStorageSlice, type BrowserStorageSlice } from './browser-storage';
import { modelExportsSlice, type ModelExportsSlice } from './model-exports';
import { runListSlice, type RunListSlice } from './run-list';
import { undoSlice, type UndoSlice } from './undo';
import { wholeRunFileSlice, type WholeRunFileSlice } from './whole-run-file';

export { canContinue, nothingStored, placeText, type RunEntry, type StoredWeights } from './run-entry';
export { newRunId } from './run-list';
export { isRunFile } from './whole-run-file';
export { undoNotice, undoSeconds } from './undo';

export type LibraryState = BrowserStorageSlice &
  RunListSlice &
  UndoSlice &
  WholeRunFileSlice &
  ModelExportsSlice;

export interface LibraryContext extends Services {
  view: Reader<ViewState>;
}

export type LibrarySlice<S> = (context: LibraryContext) => StateCreator<LibraryState, [], [], S>;

export function createLibraryStore(context: LibraryContext): StoreApi<LibraryState> {
  return createStore<LibraryState>()((...api) => ({
    ...browserStorageSlice(context)(...api),
    ...runListSlice(context)(...api),
    ...undoSlice(context)(...api),
    ...wholeRunFileSlice(context)(...api),
    ...modelExportsSlice(context)(...api),
  }));
}
