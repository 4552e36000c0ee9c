/** Header of a NumPy file: a Python dictionary as text, parsed with a strict pattern and never evaluated. */
import type { NumberType } from '../number-array';
import { Unreadable } from '../source';

export interface NpyHeader {
  item: NpyItem;
  fortran: boolean;
  shape: number[];
  /** Offset of the data. */
  start: number;
}

/** Item type; texts are of bytes (`S`) or of four-byte code points (`U`). */
export type NpyItem =
  | { kind: 'number'; type: NumberType; bytes: number; littleEndian: boolean }
  | { kind: 'text'; unit: 1 | 4; bytes: number; littleEndian: boolean };

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function isNpy(head: Uint8Array): boolean {
  return magic.every((byte, i) => head[i] === byte);
}

const longestHeader = 65_536;

/**
 * Parses the header. Throws `Unreadable` when it is damaged, when it contains anything but plain data, and for types
 * other than numbers and texts.
 */
export function npyHeader(bytes: Uint8Array): NpyHeader {
  const major = bytes[6];
  if (bytes.length < 12) throw damaged();
  if (major !== 1 && major !== 2 && major !== 3)
    throw new Unreadable(
      `is a NumPy file of version ${major}, which is not known (1 to 3 are); it may be damaged`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const textStart = major === 1 ? 10 : 12;
  if (length > longestHeader) throw new Unreadable('is a NumPy file with a header of more than 64 kB');
  if (textStart + length > bytes.length) throw damaged();
  const text = new TextDecoder().decode(bytes.subarray(textStart, textStart + length));
  const { descr, fortran, shape } = dictionary(text);
  return { item: itemOf(descr), fortran, shape, start: textStart + length };
}

function damaged(): Unreadable {
  return new Unreadable('is a NumPy file whose header is damaged');
}

/** The three keys in any order, each once, and no others. */
function dictionary(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw damaged();
  const item =
    /\s*'(?:(descr)'\s*:\s*('[^'\\]*'|\[.*\])|(fortran_order)'\s*:\s*(True|False)|(shape)'\s*:\s*\(([\d\s,L]*)\))\s*(?:,|$)/sy;
  const found = new Map<string, string>();
  while (item.lastIndex < body.trimEnd().length) {
    const at = item.exec(body);
    if (!at) throw damaged();
    const [, descr, type, fortran, order, shape, sizes] = at;
    found.set(descr ?? fortran ?? shape!, type ?? order ?? sizes!);
  }
  const descr = found.get('descr');
  const fortran = found.get('fortran_order');
  const shape = found.get('shape');
  if (descr === undefined || fortran === undefined || shape === undefined) throw damaged();
  return { descr, fortran: fortran === 'True', shape: sizesOf(shape) };
}

function sizesOf(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim().replace(/L$/, ''));
  // A tuple of one is written "(5,)".
  if (parts.at(-1) === '') parts.pop();
  const sizes = parts.map(Number);
  if (!parts.every((part) => /^\d+$/.test(part)) || !sizes.every(Number.isSafeInteger)) throw damaged();
  return sizes;
}

function itemOf(descr: string): NpyItem {
  const match = /^'([<>|=]?)([a-zA-Z])(\d*)(\[[^\]]*\])?'$/.exec(descr);
  if (!match)
    throw new Unreadable(
      'is a structured NumPy array (a table of named columns); save images and labels apart',
    );
  const [, order, kind, digits] = match;
  const bytes = Number(digits);
  const littleEndian = order !== '>';
  if (kind === 'O')
    throw new Unreadable(
      'holds Python objects (a pickle), which are never opened because they can run code; save it with a plain number type',
    );
  if (kind === 'b' && bytes === 1) return { kind: 'number', type: 'bool', bytes, littleEndian };
  const width = kind === 'f' ? [2, 4, 8] : [1, 2, 4, 8];
  if ((kind === 'u' || kind === 'i' || kind === 'f') && width.includes(bytes))
    return { kind: 'number', type: `${kind}${bytes}` as NumberType, bytes, littleEndian };
  if (kind === 'S') return { kind: 'text', unit: 1, bytes, littleEndian };
  if (kind === 'U') return { kind: 'text', unit: 4, bytes: bytes * 4, littleEndian };
  if (kind === 'c') throw new Unreadable('holds complex numbers, which are no pixels');
  throw new Unreadable(`holds values of the type ${descr}, which are neither numbers nor texts`);
}
