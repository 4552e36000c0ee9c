/** The user's own images and teachers, and which images the recipe uses. Uses the view, library and recipe stores. */
import { createStore, type StateCreator, type StoreApi } from 'zustand';
import type { LibraryState } from '../library/library-store';
import type { RecipeState } from '../recipe/recipe-store';
import type { Reader, Services } from '../services';
import type { ViewState } from '../view/view-store';
import { collectedPicturesSlice, type CollectedPicturesSlice } from './collected-pictures';
import { datasetChoiceSlice, type DatasetChoiceSlice } from './dataset-choice';
import { datasetEditsSlice, type DatasetEditsSlice } from './dataset-edits';
import { datasetImportSlice, type DatasetImportSlice } from './dataset-import';
import { datasetLookupSlice, type DatasetLookupSlice } from './dataset-lookup';
import { importedTeacherSlice, type ImportedTeacherSlice } from './teacher-import';
import { areOtherSets, savedDatasetsSlice, type SavedDatasetsSlice } from './saved-datasets';

export type { CollectedClass, CollectedPicture } from './collected-pictures';
export type { Editing } from './dataset-edits';
export type { Candidate } from './dataset-import';

export type DataState = DatasetChoiceSlice &
  DatasetImportSlice &
  DatasetLookupSlice &
  DatasetEditsSlice &
  CollectedPicturesSlice &
  SavedDatasetsSlice &
  ImportedTeacherSlice;

export interface DataContext extends Services {
  view: Reader<ViewState>;
  library: Reader<LibraryState>;
  recipe: Reader<RecipeState>;
}

export type DataSlice<S> = (context: DataContext) => StateCreator<DataState, [], [], S>;

export function createDataStore(context: DataContext): StoreApi<DataState> {
  const store = createStore<DataState>()((...api) => ({
    ...datasetChoiceSlice(context)(...api),
    ...datasetImportSlice(context)(...api),
    ...datasetLookupSlice(context)(...api),
    ...datasetEditsSlice(context)(...api),
    ...collectedPicturesSlice(context)(...api),
    ...savedDatasetsSlice(context)(...api),
    ...importedTeacherSlice(context)(...api),
  }));
  store.subscribe((state, before) => {
    if (areOtherSets(state, before)) state.claimSets();
  });
  context.library.subscribe((state, before) => {
    if (state.keeping !== before.keeping) store.getState().claimSets();
    if (state.losses !== before.losses) void store.getState().rescueSet();
  });
  return store;
}
