/** What would be lost if the page were closed or reloaded now: nothing that the storage or the address keeps. */
import { isExperimentUnsaved } from './runs/runs-store';
import type { Session } from './session';

/** @returns what would be lost, a few words each */
export function lostByLeaving(session: Pick<Session, 'library' | 'data' | 'runs'>): string[] {
  const { experiment } = session.runs.getState();
  const { runs, active } = session.library.getState();
  const { upload, uploadHash, editing, editsKept, collection, collectionKept } = session.data.getState();
  const lost: string[] = [];
  if (experiment?.current && !experiment.stored) lost.push('the experiment that is running');
  else if (isExperimentUnsaved(experiment)) lost.push('the results of the experiment');
  if (runs.some(({ id, stored, final }) => !stored && (id === active || final !== null)))
    lost.push('runs that are not stored');
  if (upload && uploadHash === null) lost.push('data that are not stored');
  if (editing && editing.past.length > 0 && !editsKept) lost.push('changes of a data set');
  if (!collectionKept && collection.some(({ pictures }) => pictures.length > 0))
    lost.push('pictures that were sorted by hand');
  return lost;
}
