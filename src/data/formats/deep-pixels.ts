/** Pictures of 16 bits a channel whose numbers use fewer: those of microscopes and cameras have 10, 12 or 14. */
import type { ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { isTiff, largestInTiff } from '../tiff';
import { Unreadable, type Source } from '../source';

/** Largest number of so many bits. */
const whites = [10, 12, 14, 16].map((bits) => ({ bits, white: 2 ** bits - 1 }));

/**
 * The number that is shown as white in all TIFF pictures of 16 bits, so that their brightness stays comparable: the largest
 * of the fewest bits that hold them, unless the user chose another. 65,535 where there are none.
 */
export async function whiteOf(sources: readonly Source[], context: ImportContext): Promise<number> {
  let largest = 0;
  let count = 0;
  for (const [i, source] of sources.entries()) {
    // By their names, so that the heads of other pictures are not read again.
    if (!/\.tiff?$/i.test(source.path)) continue;
    context.progress('Looking at the pixel values', i / sources.length);
    await context.yieldToMessages();
    const found = await largestOf(source, context);
    if (found === null) continue;
    count++;
    largest = Math.max(largest, found);
  }
  if (count === 0) return 65_535;
  const options = whites
    .filter(({ white }) => white >= largest)
    .map(({ bits, white }) => ({
      value: `${white}`,
      text: `from 0 to ${counted(white)} (${bits} bits)`,
    }));
  const likely = options[0]!.value;
  const white = Number(context.pick('values', 'Pixel values run', options, likely) ?? likely);
  context.warn(
    `${plural(count, 'picture has', 'pictures have')} 16 bits a channel with numbers up to ${counted(largest)}; ${counted(white)} was taken as white.`,
  );
  return white;
}

/** Null for a picture of 8 bits, and for one that cannot be read, which is reported when it is decoded. */
async function largestOf(source: Source, context: ImportContext): Promise<number | null> {
  try {
    const bytes = await source.read(context.limits.pictureBytes);
    return isTiff(bytes) ? await largestInTiff(bytes) : null;
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}
