import type { ImportContext } from './import-context';
import { whyUnreadable, type Source } from './source';

/**
 * Refuses archives whose entries together unpack to more than the limit. If the claimed sizes exceed the limit, every
 * entry is unpacked once without keeping it, so that an archive that is too large is refused before memory is
 * allocated. Entries cannot be larger than they claim: reading one stops as soon as it is. Rejects with a refusal at
 * the limit.
 */
export async function checkUnpackedSize(sources: readonly Source[], context: ImportContext): Promise<void> {
  const packed = sources.filter(({ pieces }) => pieces);
  if (packed.reduce((sum, { size }) => sum + size, 0) <= context.limits.unpackedBytes) return;
  context.progress('Measuring the unpacked size');
  for (const source of packed)
    try {
      for await (const piece of source.pieces!()) void piece;
    } catch (error) {
      // Damaged entries are reported when they are read; other errors are rethrown.
      whyUnreadable(error);
    }
}
