/**
 * Limits of an import. Each is checked against the bytes actually read, not against sizes that headers state, and
 * every message about a limit states it.
 */
const MB = 1024 * 1024;

export interface Limits {
  /** All dropped files together. */
  uploadBytes: number;
  /** All bytes unpacked from archives, counted while unpacking. */
  unpackedBytes: number;
  /** One encoded picture. */
  pictureBytes: number;
  /** Files in a drop or entries in an archive. */
  entries: number;
  /** Images in a data set. */
  images: number;
  /** All images as bytes, in their final size and colour. */
  pixelBytes: number;
  classes: number;
  /** Width times height of one picture, read from its header before it is decoded. */
  picturePixels: number;
  tableColumns: number;
  tableRows: number;
}

export const defaultLimits: Limits = {
  uploadBytes: 500 * MB,
  unpackedBytes: 1024 * MB,
  pictureBytes: 64 * MB,
  entries: 200_000,
  images: 100_000,
  pixelBytes: 2000 * MB,
  classes: 1000,
  picturePixels: 25_000_000,
  tableColumns: 128 * 128 * 3 + 1,
  tableRows: 200_000,
};

/** Share of a machine's memory that a set may take while it is imported: it is held in one piece until it is stored. */
const share = 1 / 4;

/** The limits of a machine with so many GB of memory, where the browser tells them: a set that does not fit ends the import. */
export function limitsOfMachine(memory: number | undefined): Partial<Limits> {
  const most = (memory ?? Infinity) * 1024 * MB * share;
  return most < defaultLimits.pixelBytes ? { pixelBytes: most } : {};
}

/** What follows a limit on memory, where the machine is the reason for it. */
export function reasonFor({ pixelBytes }: Limits): string {
  return pixelBytes < defaultLimits.pixelBytes ? ', a quarter of this machine’s memory' : '';
}

/** Sides of images: below 8 the networks cannot pool; 224 is what networks for photographs are published for. */
export const smallestSide = 8;
export const largestSide = 224;
/** The longest side that is proposed for larger images: more takes minutes an epoch without a graphics card. */
export const proposedSide = 64;

/** "1,234". */
export function counted(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 image", "2 images". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** "1.2 GB", "64 MB", "12 kB", "17 bytes". */
export function bytesInWords(bytes: number): string {
  if (bytes >= 1024 * MB) return `${Number((bytes / (1024 * MB)).toFixed(1))} GB`;
  if (bytes >= MB) return `${Number((bytes / MB).toFixed(1))} MB`;
  if (bytes >= 1024) return `${Math.round(bytes / 1024)} kB`;
  return plural(bytes, 'byte');
}
