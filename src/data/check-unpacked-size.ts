import type { ImportContext } from './import-context';
import { whyUnreadable, type Source } from './source';

/**
 * Where entries of archives claim more than may be unpacked, all are unpacked once without being kept: what is too much
 * is refused before memory is taken for it. Where they claim less they cannot be more: an entry is left out as soon as
 * it is longer than it claims. Rejects with a refusal at the limit.
 */
export async function checkUnpackedSize(sources: readonly Source[], context: ImportContext): Promise<void> {
  const packed = sources.filter(({ pieces }) => pieces);
  if (packed.reduce((sum, { size }) => sum + size, 0) <= context.limits.unpackedBytes) return;
  context.progress('Looking how much there is');
  for (const source of packed)
    try {
      for await (const piece of source.pieces!()) void piece;
    } catch (error) {
      // A damaged one is left out when it is read; anything else is thrown on.
      whyUnreadable(error);
    }
}
