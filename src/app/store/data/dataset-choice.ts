import { ownRefOf, type OwnSetRef, type SetHandle } from '../../../storage/set-handle';
import type { DataSlice } from './data-store';

/** Which images the recipe uses. */
export interface DatasetChoiceSlice {
  /** The user's own images, once taken. */
  upload: SetHandle | null;
  /** Digest of the stored set that `upload` is; null while it is not stored. */
  uploadHash: string | null;
  /** The user's own images that an experiment in progress trains on. */
  studied: SetHandle | null;
  /** The own set that the recipe is trained on; null for a bundled one, or when there is none yet. */
  ownSet: () => OwnSetRef | null;
  /** @param edited whether it is the same set, changed by hand: what the recipe does to its labels stays */
  setDataset: (id: string, edited?: boolean) => void;
  /** Uses a stored set as the user's own images, without a change of the recipe. */
  setUpload: (upload: SetHandle, hash: string) => void;
  /** Keeps the own images of now for an experiment, whatever is taken meanwhile. */
  holdStudied: () => void;
  releaseStudied: () => void;
  /** Takes networks that suit the images of the recipe, where its own do not, and says so. */
  proposePair: () => Promise<void>;
}

export const datasetChoiceSlice: DataSlice<DatasetChoiceSlice> =
  ({ recipe }) =>
  (set, get) => ({
    upload: null,
    uploadHash: null,
    studied: null,
    ownSet: () => {
      const { upload } = get();
      return recipe.getState().recipe.material.dataset === 'upload' && upload ? ownRefOf(upload) : null;
    },
    setDataset: (id, edited = false) => {
      recipe.getState().chooseDataset(id, get().upload?.title ?? null, edited);
      if (!edited) void get().proposePair();
    },
    setUpload: (upload, hash) => set({ upload, uploadHash: hash }),
    holdStudied: () => set(({ upload }) => ({ studied: upload })),
    releaseStudied: () => set({ studied: null }),
    proposePair: async () => {
      // Definitions of all networks and data sets: too much for the first paint.
      const [{ withFittingPair }, { shapeOf }] = await Promise.all([
        import('../../recipe/propose-pair'),
        import('../../recipe/set-shape'),
      ]);
      const now = recipe.getState().recipe;
      const shape = shapeOf(now, get().upload);
      const next = shape ? withFittingPair(now, shape) : now;
      if (next !== now) recipe.getState().replacePair(next);
    },
  });
