import { untouched, type SetEdit } from '../../../data/edit';
import { loadEditDraft, saveEditDraft } from '../../../storage/edit-drafts';
import { isOwnSet } from '../../../storage/set-handle';
import type { LabelledImageSet } from '../../../storage/image-set';
import type { DataSlice } from './data-store';

/** Changes of one data set by hand, with the way back. */
export interface Editing {
  /** The set as it is; an edit says what would become of its images. */
  dataset: LabelledImageSet;
  edit: SetEdit;
  past: { edit: SetEdit; did: string }[];
  future: { edit: SetEdit; did: string }[];
  /** The changes were made before the page was closed. */
  restored: boolean;
}

export interface DatasetEditsSlice {
  /** Kept beyond the page, so that closing it loses nothing. */
  editing: Editing | null;
  /** Whether the changes outlive the page; false where nothing can be stored, or their set is not stored. */
  editsKept: boolean;
  /** Opens a set for a look; changes made to it before are still there. */
  openSet: (dataset: LabelledImageSet) => void;
  /** Makes a change; `did` says which, for the way back: "Deleted 3 images". */
  change: (edit: SetEdit, did: string) => void;
  undo: () => void;
  redo: () => void;
  discardEdits: () => void;
  /** Makes the changes and takes the changed set as the user's own images. */
  takeEdited: () => Promise<void>;
  /** Stores the changes beside their set, where that is stored. */
  keepEdits: () => void;
}

/** Labels of 70,000 images take 280 kB a step. */
const remembered = 100;

const fresh = (dataset: LabelledImageSet): Editing => ({
  dataset,
  edit: untouched(dataset),
  past: [],
  future: [],
  restored: false,
});

export const datasetEditsSlice: DataSlice<DatasetEditsSlice> =
  ({ view, library }) =>
  (set, get) => {
    let saving = Promise.resolve();

    /** What the changes of a set are stored under; null while it is not stored itself. */
    const nameOf = (dataset: LabelledImageSet): string | null => {
      if (!isOwnSet(dataset)) return dataset.key;
      return dataset.key === get().uploadHash ? dataset.key : null;
    };
    const restore = (dataset: LabelledImageSet, name: string) =>
      library.getState().withStorage('Your changes could not be read', async (from) => {
        const edit = await loadEditDraft(from, name, dataset.train.count + dataset.test.count);
        const { editing } = get();
        // Meanwhile something may have been changed.
        if (!edit || editing?.dataset.key !== dataset.key || editing.past.length > 0) return;
        const past = [{ edit: editing.edit, did: 'Changes of your last visit' }];
        set({ editing: { ...editing, edit, past, restored: true } });
      });
    const edited = (editing: Editing) => {
      set({ editing });
      get().keepEdits();
    };

    /** Changes that are not stored and make room for another set can be had again. */
    const offerBack = () => {
      const { editing, editsKept } = get();
      if (!editing || editing.past.length === 0 || (editsKept && library.getState().keeping)) return;
      view.getState().notify({
        tone: 'info',
        title: 'Changes were put aside',
        text: `Your changes of “${editing.dataset.title}” are not stored. They can be taken up again until the page is closed.`,
        action: {
          label: 'Take them up',
          act: () => {
            offerBack();
            set({ editing, editsKept: false });
            view.getState().set({ panel: 'dataset' });
          },
        },
      });
    };

    return {
      editing: null,
      editsKept: true,
      openSet: (dataset) => {
        if (get().editing?.dataset.key !== dataset.key) {
          offerBack();
          set({ editing: fresh(dataset), editsKept: true });
          const name = nameOf(dataset);
          if (name) void restore(dataset, name);
        }
        view.getState().set({ panel: 'dataset' });
      },
      change: (edit, did) => {
        const { editing } = get();
        if (!editing || edit === editing.edit) return;
        const past = [...editing.past, { edit: editing.edit, did }].slice(-remembered);
        edited({ ...editing, edit, past, future: [] });
        view.getState().announce(`${did}.`);
      },
      undo: () => {
        const { editing } = get();
        const last = editing?.past.at(-1);
        if (!editing || !last) return;
        edited({
          ...editing,
          edit: last.edit,
          past: editing.past.slice(0, -1),
          future: [...editing.future, { edit: editing.edit, did: last.did }],
        });
        view.getState().announce(`Undone: ${last.did}.`);
      },
      redo: () => {
        const { editing } = get();
        const next = editing?.future.at(-1);
        if (!editing || !next) return;
        edited({
          ...editing,
          edit: next.edit,
          past: [...editing.past, { edit: editing.edit, did: next.did }],
          future: editing.future.slice(0, -1),
        });
        view.getState().announce(`Done again: ${next.did}.`);
      },
      discardEdits: () => {
        const { editing } = get();
        if (editing) edited(fresh(editing.dataset));
      },
      takeEdited: async () => {
        const { editing, changeSet, discardEdits, takeDataset } = get();
        if (!editing) return;
        const changed = await changeSet(editing.dataset, editing.edit);
        if (!changed) return;
        // A run that was started meanwhile keeps its recipe, and the changes stay.
        if (library.getState().active !== null) {
          get().withdraw(changed);
          return void view.getState().notify({
            tone: 'info',
            title: 'Your changes wait',
            text: 'A run was started meanwhile. They can be used when it has ended.',
          });
        }
        // Under the name of the set as it was, before another one takes its place.
        if (get().editing?.edit === editing.edit) discardEdits();
        takeDataset(changed, true);
      },
      keepEdits: () => {
        const { editing } = get();
        if (!editing) return;
        const name = nameOf(editing.dataset);
        set({ editsKept: false });
        if (!name || library.getState().keeping !== true) return;
        const draft = editing.past.length > 0 ? editing.edit : null;
        // One after the other, because they go into one file.
        saving = saving.then(async () => {
          let isKept = false;
          await library.getState().withStorage('Your changes are not kept', async (to) => {
            await saveEditDraft(to, name, draft);
            isKept = true;
          });
          if (get().editing?.edit === editing.edit) set({ editsKept: isKept });
        });
      },
    };
  };
