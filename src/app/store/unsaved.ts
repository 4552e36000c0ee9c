/** What would be lost if the page were closed or reloaded now: nothing that storage or the address keeps. */
import type { AppState } from './state';

type Looked = Pick<
  AppState,
  | 'study'
  | 'runs'
  | 'active'
  | 'upload'
  | 'uploadHash'
  | 'editing'
  | 'editsKept'
  | 'collection'
  | 'collectionKept'
>;

/** Whether results of the study are in no file yet. */
export function isStudyUnsaved({ study }: Pick<AppState, 'study'>): boolean {
  return study !== null && study.results.length > study.saved;
}

/** @returns what would be lost, a few words each */
export function lostByLeaving(state: Looked): string[] {
  const { study, runs, active, upload, uploadHash, editing, editsKept, collection, collectionKept } = state;
  const lost: string[] = [];
  if (study?.current) lost.push('the experiment that is running');
  else if (isStudyUnsaved(state)) lost.push('the results of the experiment');
  if (runs.some(({ id, stored, final }) => !stored && (id === active || final !== null)))
    lost.push('runs that are not stored');
  if (upload && uploadHash === null) lost.push('images that are not stored');
  if (editing && editing.past.length > 0 && !editsKept) lost.push('changes of a data set');
  if (!collectionKept && collection.some(({ pictures }) => pictures.length > 0))
    lost.push('pictures that were sorted by hand');
  return lost;
}
