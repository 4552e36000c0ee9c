/** Unconfirmed manual edits of a data set, in a small file beside the set. */
import { draftPathOf } from './dataset-places';
import type { Storage } from './storage';

/** The class of each image after the edit. */
export interface EditDraft {
  readonly classes: readonly string[];
  /** [train + test] class numbers; -1 for a deleted image */
  readonly labels: Int32Array;
}

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

/** Replaces the stored edits; null deletes them. @throws DOMException, StorageFault */
export async function saveEditDraft({ files }: Storage, set: string, edit: EditDraft | null): Promise<void> {
  if (!edit) return files.remove(draftPathOf(set));
  const { pack } = await checks();
  await files.write(draftPathOf(set), [pack({ classes: [...edit.classes], labels: edit.labels })]);
}

/** @returns null when there are none, or they are for another number of images */
export async function loadEditDraft(
  { files }: Storage,
  set: string,
  images: number,
): Promise<EditDraft | null> {
  const bytes = await files.read(draftPathOf(set)).catch(() => null);
  if (!bytes) return null;
  const { unpack } = await checks();
  let draft: EditDraft;
  try {
    draft = unpack(bytes) as EditDraft;
  } catch {
    // The file was cut off while it was written; losing the last edits needs no message.
    return null;
  }
  const isSound =
    draft.labels.length === images &&
    draft.labels.every((label) => label >= -1 && label < draft.classes.length);
  return isSound ? draft : null;
}
