/** File types that are recognised and not read, each with advice. */
import { isIdxMagic } from './formats/idx-header';
import { latin, textOf } from './text';

export interface Known {
  /** Plain name for the report. */
  format: string;
  /** Completes "<file> ...". */
  why: string;
}

interface Signature extends Known {
  matches: (head: Uint8Array) => boolean;
}

export const whatWorks =
  'a zip or folder of class folders with pictures or sounds (WAV, FLAC, Ogg), IDX, NPY, NPZ, PyTorch tensors, pickles of NumPy arrays, CSV, Parquet, Arrow, MATLAB, HDF5, TFRecord, ARFF or a binary archive of CIFAR or STL-10';

const pictures = 'save it as PNG or JPEG';
const archive = 'unpack it and drop the folder, or pack it as zip or tar.gz';

const signatures: Signature[] = [
  known('BigTIFF', startsWith(0x49, 0x49, 0x2b, 0), `is a BigTIFF picture, which is not read; ${pictures}`),
  known('BigTIFF', startsWith(0x4d, 0x4d, 0, 0x2b), `is a BigTIFF picture, which is not read; ${pictures}`),
  known(
    'HEIC',
    (head) => /^ftyp(hei.|hev.|mif1|msf1)/.test(latin(head, 4, 12)),
    `is a HEIC picture, which browsers cannot decode; ${pictures}`,
  ),
  known('RAR', startsWithText('Rar!'), `is a RAR archive, which is not supported; ${archive}`),
  known(
    '7z',
    startsWith(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
    `is a 7z archive, which is not supported; ${archive}`,
  ),
  known(
    'xz',
    startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a),
    `is packed with xz, which is not supported; ${archive}`,
  ),
  known('bzip2', startsWithText('BZh'), `is packed with bzip2, which is not supported; ${archive}`),
  known(
    'zstd',
    startsWith(0x28, 0xb5, 0x2f, 0xfd),
    `is packed with zstd, which is not supported; ${archive}`,
  ),
  known(
    'HDF5',
    startsWith(0x89, 0x48, 0x44, 0x46),
    'is an HDF5 file with a damaged beginning; download or copy it again',
  ),
  known(
    'MATLAB',
    startsWithText('MATLAB'),
    'is a MATLAB file with a damaged header; download or copy it again',
  ),
  known(
    'Parquet',
    startsWithText('PAR1'),
    'is a Parquet file without its end: it was cut off; download or copy it again',
  ),
  known('Parquet', startsWithText('PARE'), 'is an encrypted Parquet file; save it without encryption'),
  known(
    'Feather',
    startsWithText('FEA1'),
    'is a Feather file of version 1; save it again with to_feather of a newer pandas (version 2)',
  ),
  known(
    'sound',
    (head) => ['ID3\x02', 'ID3\x03', 'ID3\x04'].includes(latin(head, 0, 4)) || isMp3(head),
    'is an MP3 sound, which is not read; save it as WAV, FLAC or Ogg Vorbis',
  ),
  known(
    'sound',
    startsWithText('.snd'),
    'is a sound in the format of Sun (.au), which is not read; save it as WAV, FLAC or Ogg Vorbis',
  ),
  known(
    'NORB',
    (head) =>
      head[1] === 0x4c && head[2] === 0x3d && head[3] === 0x1e && head[0]! >= 0x51 && head[0]! <= 0x56,
    'is a matrix of NORB, which is not read; in Python, read its arrays and save them with numpy.savez (NPZ)',
  ),
  known('PDF', startsWithText('%PDF'), `is a PDF document; ${pictures}`),
  known(
    'Office document',
    startsWith(0xd0, 0xcf, 0x11, 0xe0),
    'is an old Office document; save the sheet as CSV (UTF-8)',
  ),
  known(
    'IDX',
    (head) => isIdxMagic(head),
    'is an IDX file whose sizes do not match its length: it was cut off or changed; download or copy it again',
  ),
];

const texts: (Known & { pattern: RegExp })[] = [
  {
    format: 'git-LFS pointer',
    pattern: /^version https:\/\/git-lfs/,
    why: 'is only a git-LFS pointer, a note where the real file lies; fetch the real one with "git lfs pull"',
  },
  {
    format: 'SVG',
    pattern: /^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg/is,
    why: `is an SVG drawing, which is not accepted; ${pictures}`,
  },
  {
    format: 'HTML',
    pattern: /^\s*(<!--.*?-->\s*)?<(!doctype html|html|head|body)/is,
    why: 'is a web page (HTML), not data; perhaps a login or error page was saved instead of the file',
  },
  { format: 'XML', pattern: /^\s*</, why: 'is an XML file, not images' },
  { format: 'JSON', pattern: /^\s*[{[]/, why: 'is a JSON file, not images' },
];

/** Names the file type when it is recognised and not read, otherwise null. */
export function whatItIs(head: Uint8Array): Known | null {
  const signature = signatures.find(({ matches }) => matches(head));
  if (signature) return signature;
  const text = textOf(head);
  return text === null ? null : (texts.find(({ pattern }) => pattern.test(text)) ?? null);
}

/** The same for bytes of no recognised type. */
export function unknownKind(path: string, head: Uint8Array): Known {
  const isTable = /\.(csv|tsv)$/i.test(path);
  if (textOf(head) !== null && isTable)
    return {
      format: 'text',
      why: 'is named like a table but is neither a table nor class names: a table has two rows or more of equally many cells, at least two, with commas, semicolons, tabs or bars between them',
    };
  if (textOf(head) !== null)
    return {
      format: 'text',
      why: `is a text, but neither a table nor class names; texts to learn from, such as reviews, cannot be read yet. Use ${whatWorks}`,
    };
  // Text in an old 8-bit encoding has no control characters; UTF-16 without its byte-order mark contains zeros.
  if ((isTable || /\.txt$/i.test(path)) && head.every((byte) => byte >= 9 || byte === 0))
    return { format: 'text', why: 'is not a text in UTF-8 or UTF-16; save it anew as CSV (UTF-8)' };
  if (/\.(zip|npz)$/i.test(path))
    return {
      format: 'unknown',
      why: 'is named like a zip but does not begin like one: it is damaged, or the last part of a split zip',
    };
  if (/\.tfrecords?([.-]|$)/i.test(path))
    return {
      format: 'unknown',
      why: 'is named like a TFRecord file, but the checksum of its first record is wrong: it is damaged or of another kind; download or copy it again',
    };
  if (/\.bin$/i.test(path))
    return {
      format: 'unknown',
      why: 'is neither a CIFAR nor an STL-10 binary file: those of CIFAR hold a whole number of records of 3,073 (CIFAR-10) or 3,074 bytes (CIFAR-100), each with its labels first, those of STL-10 whole images of 27,648 bytes (name ends in X.bin) or labels from 1 to 10 (y.bin); it may be cut off',
    };
  return { format: 'unknown', why: `is of no kind that can be read; use ${whatWorks}` };
}

/** The head of a frame of layer III: its first eleven bits are ones, and bit rate and rate exist. */
function isMp3(head: Uint8Array): boolean {
  const [first, second = 0, third = 0] = head;
  return first === 0xff && (second & 0xe6) === 0xe2 && third >= 0x10 && third < 0xf0 && (third & 12) !== 12;
}

function known(format: string, matches: (head: Uint8Array) => boolean, why: string): Signature {
  return { format, matches, why };
}

function startsWith(...bytes: number[]): (head: Uint8Array) => boolean {
  return (head) => bytes.every((byte, i) => head[i] === byte);
}

function startsWithText(text: string): (head: Uint8Array) => boolean {
  return (head) => latin(head, 0, text.length) === text;
}
