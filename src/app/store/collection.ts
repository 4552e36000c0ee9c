import type { ImportFile } from '../../data/dataset';
import type { Slice } from './state';

/** A picture that a person put into a class: a file, a paste, a frame of the webcam. */
export interface CollectedPicture {
  id: number;
  name: string;
  bytes: Blob;
}

export interface CollectedClass {
  id: number;
  name: string;
  pictures: CollectedPicture[];
}

export interface CollectionSlice {
  /** Classes under way, kept while the page is open. */
  collection: CollectedClass[];
  addClass: (name?: string) => void;
  renameCollected: (id: number, name: string) => void;
  removeCollected: (id: number) => void;
  addPictures: (id: number, files: { name: string; bytes: Blob }[]) => void;
  removePicture: (id: number, picture: number) => void;
  /** Opens the sheet with pictures that came without a class; they go into the first class without a picture. */
  sortPictures: (files: { name: string; bytes: Blob }[]) => void;
  /** Reads the collected pictures as a data set. */
  importCollection: () => Promise<void>;
}

let lastId = 0;

const empty = (name: string): CollectedClass => ({ id: ++lastId, name, pictures: [] });

export const collectionSlice: Slice<CollectionSlice> = () => (set, get) => {
  const edit = (id: number, change: (known: CollectedClass) => CollectedClass) =>
    set(({ collection }) => ({
      collection: collection.map((known) => (known.id === id ? change(known) : known)),
    }));
  return {
    collection: [empty('Class 1'), empty('Class 2')],
    addClass: (name) =>
      set(({ collection }) => ({
        collection: [...collection, empty(name ?? `Class ${collection.length + 1}`)],
      })),
    renameCollected: (id, name) => edit(id, (known) => ({ ...known, name })),
    removeCollected: (id) =>
      set(({ collection }) => ({ collection: collection.filter((known) => known.id !== id) })),
    addPictures: (id, files) =>
      edit(id, (known) => ({
        ...known,
        pictures: [...known.pictures, ...files.map((file) => ({ ...file, id: ++lastId }))],
      })),
    removePicture: (id, picture) =>
      edit(id, (known) => ({ ...known, pictures: known.pictures.filter((one) => one.id !== picture) })),
    sortPictures: (files) => {
      if (get().collection.every(({ pictures }) => pictures.length > 0)) get().addClass();
      const target = get().collection.find(({ pictures }) => pictures.length === 0)!;
      get().addPictures(target.id, files);
      set({ panel: 'collect', candidate: null });
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
