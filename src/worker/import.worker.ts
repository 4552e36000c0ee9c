/** The import worker: reads uploads and bundled sets. Thin; the work is in src/data. */
import { loadBundled } from '../data/bundled';
import type { Dataset } from '../data/dataset';
import { decodeImage } from '../data/decode';
import { zipOfFolders } from '../data/export-folders';
import { importFiles } from '../data/import';
import { datasetName } from '../storage/datasets';
import { fetchAsset } from './assets';
import type { ImportProtocol } from './import-protocol';
import { serve } from './rpc';

serve<ImportProtocol>({
  gather: (before, files) => {
    const all = before ?? [];
    all.push(...files);
    return all;
  },
  handlers: {
    async read({ files, choices }, { progress: onProgress, signal, gathered, transfer }) {
      const all = [...(gathered ?? []), ...files];
      const { report, dataset } = await importFiles(all, { decodeImage, onProgress, signal, choices });
      transfer(...buffersOf(dataset));
      return { report, dataset, name: dataset && (await datasetName(dataset)) };
    },
    pack: (dataset, { progress: onProgress, signal }) => zipOfFolders(dataset, { onProgress, signal }),
    async bundled(id, { transfer }) {
      const dataset = await loadBundled(id, fetchAsset);
      transfer(...buffersOf(dataset));
      return dataset;
    },
  },
});

/** Moved to the page rather than copied; both splits of an upload are views of one array. */
function buffersOf(dataset: Dataset | null): Transferable[] {
  if (!dataset) return [];
  const { train, test } = dataset;
  const views = [train.images, train.labels, test.images, test.labels];
  return [...new Set(views.map(({ buffer }) => buffer as ArrayBuffer))];
}
