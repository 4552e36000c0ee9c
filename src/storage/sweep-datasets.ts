/** Removes stored data sets that are not needed any more. */
import { draftPathOf, drafts, gate, pathOf, soundsPathOf, sourcesPathOf, use } from './dataset-places';
import type { Storage } from './storage';
import { soundLabel, soundProgress } from './stored-rows';

/** Milliseconds after an import within which the page must claim the set. */
const patience = 10 * 60 * 1000;

/** Removes sets that no run uses, no page shows and the user does not keep. */
export async function sweep(storage: Storage): Promise<void> {
  const { database, files, locks } = storage;
  await locks.request(gate, async () => {
    const used = new Set(
      (await database.getAll('progress'))
        .map(soundProgress)
        .flatMap(({ dataset }) => (dataset.kind === 'stored' ? [dataset.hash] : [])),
    );
    // Sets that runs use beside their own.
    for (const { recipe } of (await database.getAll('runs')).map(soundLabel)) {
      const beside: unknown = (recipe.material as { ownSet?: unknown } | undefined)?.ownSet;
      if (typeof beside === 'string' && beside !== '') used.add(beside);
    }
    const { held = [] } = await locks.query();
    const claimed = new Set(held.map(({ name = '' }) => name));
    for (const { hash, keptAt, offeredAt } of await database.getAll('datasets')) {
      if (keptAt || used.has(hash) || claimed.has(`${use}${hash}`)) continue;
      if (offeredAt && Date.now() - offeredAt < patience) continue;
      await database.delete('datasets', hash);
      await files.remove(pathOf(hash));
      await files.remove(sourcesPathOf(hash));
      await files.remove(soundsPathOf(hash));
    }
    const known = new Set((await database.getAllKeys('datasets')).map(String));
    for (const name of await files.list('datasets')) if (!known.has(name)) await files.remove(pathOf(name));
    for (const name of await files.list('dataset-names'))
      if (!known.has(name)) await files.remove(sourcesPathOf(name));
    for (const name of await files.list('dataset-sounds'))
      if (!known.has(name)) await files.remove(soundsPathOf(name));
    for (const set of await files.list(drafts))
      if (isDigest(set) && !known.has(set)) await files.remove(draftPathOf(set));
  });
}

/** Ids of bundled sets are plain names. */
function isDigest(set: string): boolean {
  return /^[0-9a-f]{64}$/.test(set);
}
