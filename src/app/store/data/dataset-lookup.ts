/** Sets that are only shown: the bundled ones, and those that runs were trained on. */
import { classNames, onlyView } from '../../../data/dataset';
import { openDataset } from '../../../storage/datasets';
import type { SetHandle } from '../../../storage/set-handle';
import type { RunFacts } from '../../../training/events';
import type { RunId } from '../../../worker/training-protocol';
import type { DataSlice } from './data-store';

export interface DatasetLookupSlice {
  /** Bundled sets that have been read for their thumbnails. */
  bundled: Record<string, SetHandle>;
  fetchBundled: (id: string) => void;
  /** The set that a run was trained on; null where it is not here (any more). */
  setOfRun: (run: RunId) => Promise<SetHandle | null>;
}

export const datasetLookupSlice: DataSlice<DatasetLookupSlice> =
  ({ library, records, imports }) =>
  (set, get) => {
    const asked = new Set<string>();
    return {
      bundled: {},
      fetchBundled: (id) => {
        if (asked.has(id)) return;
        asked.add(id);
        imports()
          .bundled(id)
          .then(
            (found) => set(({ bundled }) => ({ bundled: { ...bundled, [id]: found } })),
            () => asked.delete(id),
          );
      },
      setOfRun: async (id) => {
        const run = library.getState().runs.find((known) => known.id === id);
        if (!run) return null;
        const { recipe, dataset } = run;
        const { upload } = get();
        if (dataset?.kind === 'stored') {
          if (upload?.key === dataset.hash) return upload;
          let found: SetHandle | null = null;
          await library.getState().withStorage('The data of this run could not be read', async (from) => {
            found = await openDataset(from, dataset.hash);
          });
          return found;
        }
        // A run that is not stored has the data that were in use when it began; they may have given way to others.
        if (recipe.material.dataset === 'upload')
          return upload && isTrainedOn(records.get(id)?.facts ?? null, upload) ? upload : null;
        return (
          get().bundled[recipe.material.dataset] ??
          imports()
            .bundled(recipe.material.dataset)
            .catch(() => null)
        );
      },
    };
  };

/** Whether a run can have been trained on a set, by all that it says of its own. */
function isTrainedOn(facts: RunFacts | null, { title, inputs, target }: SetHandle): boolean {
  if (!facts) return false;
  const { title: ownTitle, classes, shape } = facts.dataset;
  const spec = inputs[onlyView];
  if (!spec || JSON.stringify([ownTitle, classes]) !== JSON.stringify([title, classNames({ target })]))
    return false;
  if (spec.kind === 'vector') return shape.length === 1 && shape[0] === spec.names.length;
  // The run may have seen the images at half their size.
  const [height, width, channels] = shape;
  return spec.height >= height! && spec.width >= width! && spec.channels === channels;
}
