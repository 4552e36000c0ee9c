import type { ImportFile } from '../../../data/import-report';
import type { StoredClass } from '../../../storage/collection-files';
import { count } from '../../format';
import type { DataSlice } from './data-store';

/** A picture that was put into a class by hand: a file, a paste, a frame of the webcam. */
export interface CollectedPicture {
  id: number;
  /** Names its file in the storage. */
  key: string;
  name: string;
  bytes: Blob;
}

export interface CollectedClass {
  id: number;
  name: string;
  pictures: CollectedPicture[];
}

export interface CollectedPicturesSlice {
  /** Whether what is sorted outlives the page. */
  collectionKept: boolean;
  /** Classes under way. */
  collection: CollectedClass[];
  addClass: (name?: string) => void;
  renameCollected: (id: number, name: string) => void;
  removeCollected: (id: number) => void;
  addPictures: (id: number, files: { name: string; bytes: Blob }[]) => void;
  removePicture: (id: number, picture: number) => void;
  /** Opens the sheet with pictures that came without a class; they go into the first class without a picture. */
  sortPictures: (files: { name: string; bytes: Blob }[]) => void;
  /** Takes over what was sorted before the page was closed, unless there is something already. */
  restoreCollection: (classes: readonly StoredClass[]) => void;
  /** Reads the collected pictures as a data set. */
  importCollection: () => Promise<void>;
}

let lastId = 0;

/** Files of earlier visits have names too. */
function newKey(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join('-');
}

const empty = (name: string): CollectedClass => ({ id: ++lastId, name, pictures: [] });

export const collectedPicturesSlice: DataSlice<CollectedPicturesSlice> =
  ({ view }) =>
  (set, get) => {
    const change = (to: (collection: CollectedClass[]) => CollectedClass[]) => {
      set(({ collection }) => ({ collection: to(collection) }));
      get().keepCollection();
    };
    const edit = (id: number, to: (known: CollectedClass) => CollectedClass) =>
      change((collection) => collection.map((known) => (known.id === id ? to(known) : known)));
    return {
      collectionKept: false,
      collection: [empty('Class 1'), empty('Class 2')],
      addClass: (name) =>
        change((collection) => [...collection, empty(name ?? `Class ${collection.length + 1}`)]),
      renameCollected: (id, name) => edit(id, (known) => ({ ...known, name })),
      removeCollected: (id) => {
        const remove = () => change((collection) => collection.filter((known) => known.id !== id));
        const known = get().collection.find((one) => one.id === id);
        const pictures = known?.pictures.length ?? 0;
        if (pictures === 0) return remove();
        view.getState().ask({
          title: `Remove “${known!.name}”?`,
          text:
            pictures === 1
              ? 'The picture in it goes with it.'
              : `Its ${count(pictures)} pictures go with it.`,
          choices: [{ label: 'Remove the class', act: remove }],
        });
      },
      addPictures: (id, files) =>
        edit(id, (known) => ({
          ...known,
          pictures: [...known.pictures, ...files.map((file) => ({ ...file, id: ++lastId, key: newKey() }))],
        })),
      removePicture: (id, picture) =>
        edit(id, (known) => ({ ...known, pictures: known.pictures.filter((one) => one.id !== picture) })),
      sortPictures: (files) => {
        if (get().collection.every(({ pictures }) => pictures.length > 0)) get().addClass();
        const target = get().collection.find(({ pictures }) => pictures.length === 0)!;
        get().addPictures(target.id, files);
        view.getState().set({ panel: 'collect' });
        set({ candidate: null });
      },
      restoreCollection: (classes) => {
        if (classes.length === 0 || get().collection.some(({ pictures }) => pictures.length > 0)) return;
        const restored = classes.map(({ name, pictures }) => ({
          ...empty(name),
          pictures: pictures.map((picture) => ({ ...picture, id: ++lastId })),
        }));
        set({ collection: restored });
      },
      importCollection: () => {
        const files = get().collection.flatMap(({ name, pictures }) =>
          pictures.map((picture): ImportFile => ({
            path: picture.name,
            bytes: picture.bytes,
            className: name.trim(),
          })),
        );
        return get().importFiles(files);
      },
    };
  };
