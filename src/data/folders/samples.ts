/** Small pictures that show what an answer to a question means. */
import { decodedInTime, decodedWithoutBrowser } from '../without-browser';
import type { OptionSamples } from '../import-report';
import { Refusal, type ImportContext } from '../import-context';
import { onBackground } from '../arrays';
import { resize } from '../resize';
import type { Source } from '../source';

/** Side of a sample, in pixels. */
export const sampleSide = 24;
const mostGroups = 4;
const each = 3;

/** Some pictures of the first groups; pictures that cannot be decoded are passed over. */
export async function pictureSamples(
  groups: readonly { name: string; sources: readonly Source[] }[],
  context: ImportContext,
): Promise<OptionSamples> {
  const samples: OptionSamples = { height: sampleSide, width: sampleSide, groups: [] };
  for (const { name, sources } of groups.slice(0, mostGroups)) {
    const pixels: Uint8Array[] = [];
    // Of the whole group: its folders may look different.
    const step = Math.max(1, Math.floor(sources.length / each));
    for (let at = 0; at < sources.length && pixels.length < each; at += step) {
      const one = await sampleOf(sources[at]!, context);
      if (one) pixels.push(one);
    }
    if (pixels.length > 0) samples.groups.push({ name, pixels });
  }
  return samples;
}

async function sampleOf(source: Source, context: ImportContext): Promise<Uint8Array | null> {
  const { pictureSize, size } = source;
  if (size > context.limits.pictureBytes) return null;
  if (pictureSize && pictureSize.height * pictureSize.width > context.limits.picturePixels) return null;
  await context.yieldToMessages();
  try {
    const bytes = (await source.read(context.limits.pictureBytes)).slice();
    const largest = 8 * sampleSide;
    const picture =
      decodedWithoutBrowser(bytes, largest) ?? (await decodedInTime(bytes, largest, context.decodeImage));
    const out = new Uint8Array(sampleSide * sampleSide * 3);
    resize(onBackground(picture.rgba, 255), picture, out, { height: sampleSide, width: sampleSide }, 3);
    picture.free?.();
    return out;
  } catch (error) {
    if (error instanceof Refusal || (error instanceof Error && error.name === 'AbortError')) throw error;
    // It is reported when the set is read.
    return null;
  }
}
