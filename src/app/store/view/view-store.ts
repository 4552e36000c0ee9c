/** What is shown and said on the page; determines nothing about a run. Uses no other store. */
import { createStore, type StateCreator, type StoreApi } from 'zustand';
import type { Services } from '../services';
import { layoutSlice, type LayoutSlice } from './page-layout';
import { noticesSlice, type NoticesSlice } from './notices';
import { questionSlice, type QuestionSlice } from './question';

export type { ExperimentWish, Panel, SampleFilter } from './page-layout';
export type { Notice } from './notices';
export type { Question } from './question';

export type ViewState = LayoutSlice & NoticesSlice & QuestionSlice;

export type ViewSlice<S> = StateCreator<ViewState, [], [], S>;

export function createViewStore({ records }: Pick<Services, 'records'>): StoreApi<ViewState> {
  return createStore<ViewState>()((...api) => ({
    ...layoutSlice(records)(...api),
    ...noticesSlice(...api),
    ...questionSlice(...api),
  }));
}
