import type { Dataset } from '../../data/dataset';
import { untouched, type SetEdit } from '../../data/edit';
import type { Slice } from './state';

/** Changes of one data set by hand, with the way back. */
export interface Editing {
  /** The set as it is; an edit says what would become of its images. */
  dataset: Dataset;
  edit: SetEdit;
  past: { edit: SetEdit; did: string }[];
  future: { edit: SetEdit; did: string }[];
}

export interface EditingSlice {
  /** Kept while the page is open, so that closing the view loses nothing. */
  editing: Editing | null;
  /** Opens a set for a look; changes made to it before are still there. */
  openSet: (dataset: Dataset) => void;
  /** Makes a change; `did` says which, for the way back: "Deleted 3 images". */
  change: (edit: SetEdit, did: string) => void;
  undo: () => void;
  redo: () => void;
  discardEdits: () => void;
}

/** Labels of 70,000 images take 280 kB a step. */
const remembered = 100;

export const editingSlice: Slice<EditingSlice> = () => (set, get) => ({
  editing: null,
  openSet: (dataset) => {
    if (get().editing?.dataset !== dataset)
      set({ editing: { dataset, edit: untouched(dataset), past: [], future: [] } });
    set({ panel: 'dataset' });
  },
  change: (edit, did) => {
    const { editing, announce } = get();
    if (!editing || edit === editing.edit) return;
    const past = [...editing.past, { edit: editing.edit, did }].slice(-remembered);
    set({ editing: { ...editing, edit, past, future: [] } });
    announce(`${did}.`);
  },
  undo: () => {
    const { editing, announce } = get();
    const last = editing?.past.at(-1);
    if (!editing || !last) return;
    set({
      editing: {
        ...editing,
        edit: last.edit,
        past: editing.past.slice(0, -1),
        future: [...editing.future, { edit: editing.edit, did: last.did }],
      },
    });
    announce(`Undone: ${last.did}.`);
  },
  redo: () => {
    const { editing, announce } = get();
    const next = editing?.future.at(-1);
    if (!editing || !next) return;
    set({
      editing: {
        ...editing,
        edit: next.edit,
        past: [...editing.past, { edit: editing.edit, did: next.did }],
        future: editing.future.slice(0, -1),
      },
    });
    announce(`Done again: ${next.did}.`);
  },
  discardEdits: () => {
    const { editing } = get();
    if (editing) set({ editing: { ...editing, edit: untouched(editing.dataset), past: [], future: [] } });
  },
});
