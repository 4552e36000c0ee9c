/** A file with a table in groups of rows, as Parquet and Arrow have it. */
export interface ColumnarFile {
  where: string;
  rows: number;
  /** Names of the top-level columns. */
  columns: string[];
  /** Key-value metadata of the file. */
  notes: ReadonlyMap<string, string>;
  /**
   * Rows of the wanted columns, one group at a time. Damaged groups are reported as left out. Byte columns without a
   * text type come as `Uint8Array`, 64-bit integers as `bigint`.
   */
  groups: (columns: string[]) => AsyncGenerator<{ start: number; rows: Record<string, unknown>[] }>;
}
