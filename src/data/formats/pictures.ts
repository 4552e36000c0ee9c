/** Pictures in class folders, from a zip, a tar, a dropped folder, or sorted by the user on the page. */
import { placeInClasses, type Placed } from '../class-folders';
import type { RawDataset } from '../raw-dataset';
import type { ImportContext } from '../import-context';
import { isFlat, placeByTable } from '../label-table';
import { labelsFromTexts } from '../labels';
import { roleOfPath } from '../paths';
import { pictureKind } from '../picture-header';
import type { Source } from '../source';
import { rawFromPictures } from './decode-pictures';
import type { Format } from './dataset-format';

export const pictures: Format = {
  name: 'class folders',
  noun: 'a picture',
  recognise: ({ head }) => pictureKind(head) !== null,
  async read(sources, aside, context) {
    const byHand = placeByHand(sources, context);
    if (byHand) return { format: 'pictures by class', raw: await rawFromPictures(byHand, context) };
    const byTable = isFlat(sources) ? await placeByTable(sources, aside.tables, context) : null;
    if (byTable) {
      const raw = withNumberLabels(await rawFromPictures(byTable.placed, context));
      const { titles, areClasses } = byTable;
      return {
        format: 'class folders',
        raw: { ...raw, ...(titles.length > 0 ? { titles } : {}), areClasses },
      };
    }
    const byNumber = isFlat(sources) ? placeByNumber(sources) : null;
    if (byNumber) {
      context.warn(
        `The number at the end of each file name, such as “${byNumber[0]!.item.path}”, is what is learned.`,
      );
      return {
        format: 'pictures with numbers',
        raw: withNumberLabels(await rawFromPictures(byNumber, context)),
      };
    }
    // Folder names stay texts, even "0" and "10"; whole numbers in a table are numbers.
    return { format: 'class folders', raw: await rawFromPictures(placeInClasses(sources, context), context) };
  },
};

/** "hand_37.5.png": a number with decimals at the end of a file name. Whole numbers there only count the files. */
const endsInNumber = /[_=]([-+]?\d+\.\d+)\.[a-z]+$/i;

/** Pictures whose file names all end in a number with decimals; null for any others. */
function placeByNumber(sources: readonly Source[]): Placed<Source>[] | null {
  const placed = sources.map((item) => ({
    item,
    role: roleOfPath(item.path),
    className: endsInNumber.exec(item.path)?.[1] ?? '',
  }));
  return placed.every(({ className }) => className !== '') ? placed : null;
}

/** Pictures that the user put into classes on the page; null when there are none. */
function placeByHand(sources: readonly Source[], context: ImportContext): Placed<Source>[] | null {
  if (sources.every(({ className }) => className === undefined)) return null;
  const placed: Placed<Source>[] = [];
  for (const item of sources)
    if (item.className === undefined) context.skip(item.where, 'was put into no class');
    else placed.push({ item, role: null, className: item.className.trim().normalize('NFC') });
  return placed;
}

/**
 * Converts labels to numbers when all are numeric, so that they are ordered by value and can get names from a list.
 */
export function withNumberLabels(raw: RawDataset): RawDataset {
  if (raw.parts.some(({ labels }) => labels.kind === 'several')) return raw;
  const labels = raw.parts.map((part) => labelsFromTexts(Array.from(part.labels.values, String)));
  if (!labels.every(({ kind }) => kind === 'numbers')) return raw;
  return { ...raw, parts: raw.parts.map((part, i) => ({ ...part, labels: labels[i]! })) };
}
