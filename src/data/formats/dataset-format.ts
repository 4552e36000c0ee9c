/** The interface of a format. A new one is a file beside this one and a line in `all-formats.ts`. */
import type { RawDataset } from '../raw-dataset';
import type { ColumnTable } from '../tables/column-table';
import type { ImportContext } from '../import-context';
import type { Source } from '../source';

/** A source with its first bytes. */
export interface Probe extends Source {
  head: Uint8Array<ArrayBuffer>;
}

/** Files that accompany those of a format. */
export interface Aside {
  /** Lists of class names, one name per line, with the file each came from. */
  names: { file: string; lines: string[] }[];
  /** Tables; beside pictures, one may hold their labels. */
  tables: Source[];
  /** Other texts: lists, JSON, a text for each picture. */
  texts: Source[];
  /** Files of arrays beside pictures, which may hold their labels or splits. */
  arrays?: Source[];
}

/** What was read, and the plain name of the format for the report: images, or a table of columns. */
export type Reading = { format: string; raw: RawDataset } | { format: string; table: ColumnTable };

export interface Format {
  /** Plain name for messages. */
  name: string;
  /** What it is in a message about one file: "a NumPy array". */
  noun: string;
  /** Each file is an example of its own. */
  isOfSingles?: boolean;
  /** Whether the bytes are of this format; the file name does not count. May reject like a source's `read`. */
  recognise(probe: Probe): boolean | Promise<boolean>;
  /** Reads all files of this format. Throws a refusal when they are none. */
  read(sources: readonly Source[], aside: Aside, context: ImportContext): Promise<Reading>;
}

/** Class names from a file beside the data: one that matches `wanted`, else any that does not match `unwanted`. */
export function namesFrom(aside: Aside, wanted = /./, unwanted = /coarse/i): string[] | null {
  const usable = aside.names.filter(({ file }) => !unwanted.test(file));
  return (usable.find(({ file }) => wanted.test(file)) ?? usable[0])?.lines ?? null;
}
