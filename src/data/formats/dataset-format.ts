/** The shape of a format. A new one is a file beside this one and a line in `all-formats.ts`. */
import type { RawDataset } from '../raw-dataset';
import type { ImportContext } from '../import-context';
import type { Source } from '../source';

/** A source and its first bytes. */
export interface Probe extends Source {
  head: Uint8Array<ArrayBuffer>;
}

/** What lies beside the files of a format. */
export interface Aside {
  /** Class names, one a line, by the name of the file that holds them. */
  names: { file: string; lines: string[] }[];
  /** Tables; beside pictures one may say which picture shows what. */
  tables: Source[];
}

export interface Reading {
  /** Plain name for the report. */
  format: string;
  raw: RawDataset;
}

export interface Format {
  /** Plain name for messages. */
  name: string;
  /** What it is in a message about one file: "a NumPy array". */
  noun: string;
  /** Whether the bytes are of this format; the name is never asked. May reject like `read` of a source. */
  recognise(probe: Probe): boolean | Promise<boolean>;
  /** Makes a raw data set of all files of this format. Throws a refusal when they do not make one. */
  read(sources: readonly Source[], aside: Aside, context: ImportContext): Promise<Reading>;
}

/** Class names from beside the data: the wanted file, else any but those of the other labels of CIFAR-100. */
export function namesFrom(aside: Aside, wanted = /./, unwanted = /coarse/i): string[] | null {
  const usable = aside.names.filter(({ file }) => !unwanted.test(file));
  return (usable.find(({ file }) => wanted.test(file)) ?? usable[0])?.lines ?? null;
}
