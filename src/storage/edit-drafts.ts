/** Changes of a data set by hand that are not yet confirmed: a small file beside the set they change. */
import { pack, unpack } from './pack';
import type { Storage } from './storage';

/** What would become of each image of a set. */
export interface EditDraft {
  readonly classes: readonly string[];
  /** [train + test] class numbers; -1 for a deleted image */
  readonly labels: Int32Array;
}

const folder = 'drafts';

/** Names the draft of a set that is called by its digest, or of a bundled one. */
const pathOf = (set: string) => `${folder}/${set}`;

/** Keeps the changes in place of those from before; null throws them away. @throws DOMException, StorageFault */
export async function saveEditDraft({ files }: Storage, set: string, edit: EditDraft | null): Promise<void> {
  if (edit) await files.write(pathOf(set), [pack({ classes: [...edit.classes], labels: edit.labels })]);
  else await files.remove(pathOf(set));
}

/** @returns null when there are none, or they do not belong to a set of so many images */
export async function loadEditDraft(
  { files }: Storage,
  set: string,
  images: number,
): Promise<EditDraft | null> {
  const bytes = await files.read(pathOf(set)).catch(() => null);
  if (!bytes) return null;
  let draft: EditDraft;
  try {
    draft = unpack(bytes) as EditDraft;
  } catch {
    // Cut off while it was written: the changes before the last one are not worth a message.
    return null;
  }
  const isSound =
    draft.labels.length === images &&
    draft.labels.every((label) => label >= -1 && label < draft.classes.length);
  return isSound ? draft : null;
}

/** Removes the drafts of sets that are gone. `isGone` is asked for each name. */
export async function sweepEditDrafts({ files }: Storage, isGone: (set: string) => boolean): Promise<void> {
  for (const set of await files.list(folder)) if (isGone(set)) await files.remove(pathOf(set));
}
