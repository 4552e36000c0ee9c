/** Pictures that are masks of other pictures. */
import type { Item } from './folder-tree';
import { stem } from '../paths';
import { isGeneric } from './folder-tree';
import { roleOf } from '../paths';

const maskFolder =
  /^((train|training|test|testing|val|valid|validation|image|img|binary)[_\s-]?)?(masks?|segmentations?|segs?|annotations?|labels?|label[_\s-]?ids|gts?|ground[_\s-]?truths?|trimaps?|mattes?|alphas?)([_\s-]?(masks?|images?|pngs?|train|test|val))?$/i;
const maskEnd =
  /^(.*?)[_\s.-]+(masks?|seg|segmentation|gt|ground[_-]?truth|labels?|annotations?|trimap|matte)([_\s-]?\d+)?$/i;

/** Below this share of pictures with a partner a folder called "labels" is a folder like any other. */
const mostPaired = 0.8;

/**
 * The pictures that are masks of others, each with the path of the other: those in a folder called "masks" or the like
 * that are named as those in a folder "images" beside it, and those called "x_mask" beside "x".
 */
export function masksAmong<T extends Item>(items: readonly T[]): Map<T, T> {
  const masks = new Map<T, T>();
  const byName = new Map<string, T>();
  for (const item of items) {
    const parts = item.path.split('/').slice(0, -1);
    const own = stem(item.path).toLowerCase();
    byName.set(`${parts.join('/')}\n${own}`, item);
    // A mask is looked for from the parent of its folder.
    parts.forEach((part, at) => {
      if (isGeneric(part) || roleOf(part) !== null)
        byName.set(`${parts.slice(0, at).join('/')}\0${parts.slice(at + 1).join('/')}\n${own}`, item);
    });
  }
  const candidates = new Map<string, { item: T; of: T | undefined }[]>();
  for (const item of items) {
    const parts = item.path.split('/').slice(0, -1);
    const own = stem(item.path).toLowerCase();
    const base = maskEnd.exec(own)?.[1];
    const beside = base === undefined ? undefined : byName.get(`${parts.join('/')}\n${base}`);
    if (beside && beside !== item) masks.set(item, beside);
    const at = parts.findIndex((part) => maskFolder.test(part));
    if (at < 0) continue;
    // "annotations/trimaps/x.png" is a mask of "images/x.jpg".
    const inside = parts.slice(at + 1).filter((part) => !maskFolder.test(part));
    const from = `${parts.slice(0, at).join('/')}\0${inside.join('/')}\n`;
    const of = byName.get(from + own) ?? (base === undefined ? undefined : byName.get(from + base));
    const folder = parts.slice(0, at + 1).join('/');
    const found = candidates.get(folder) ?? [];
    found.push({ item, of: of === item ? undefined : of });
    candidates.set(folder, found);
  }
  for (const found of candidates.values()) {
    const paired = found.filter(({ of }) => of !== undefined);
    if (paired.length < mostPaired * found.length) continue;
    for (const { item, of } of found) masks.set(item, of ?? paired[0]!.of!);
  }
  return masks;
}
