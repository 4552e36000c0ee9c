/**
 * Parquet files, read a row group at a time by hyparquet. What a header claims is checked against the file or a limit
 * before the library acts on it.
 */
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted } from '../limits';
import { Unreadable, type Source } from '../source';

const magic = 'PAR1';
/** One page after unpacking: writers make pages of one megabyte, or of one large image. */
const pageLimit = 128 * 1024 * 1024;
/** The table of contents of a hundred thousand row groups is smaller. */
const footerLimit = 64 * 1024 * 1024;

export interface ParquetTable {
  where: string;
  rows: number;
  /** Names of the columns on the outer level. */
  columns: string[];
  /** What programs wrote beside the data. */
  notes: ReadonlyMap<string, string>;
  /**
   * Rows of the wanted columns, a row group at a time; those of a damaged group are noted as left out. Bytes without
   * a text type come as `Uint8Array`, 64-bit numbers as `bigint`.
   */
  groups: (columns: string[]) => AsyncGenerator<{ start: number; rows: Record<string, unknown>[] }>;
}

/** Whether a source begins and, if its end is at hand, ends as Parquet files do. */
export async function isParquet(source: Source, head: Uint8Array): Promise<boolean> {
  if (latin(head.subarray(0, 4)) !== magic || source.size < 12) return false;
  return !source.readAt || latin(await source.readAt(source.size - 4, 4)) === magic;
}

/** Opens a table. Throws `Unreadable` when its table of contents is damaged and a refusal at a limit. */
export async function openParquet(source: Source, context: ImportContext): Promise<ParquetTable> {
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const metadata = await damagedUnless(async () =>
    parquetMetadata(await footerOf(source), { geoparquet: false }),
  );
  const rows = Number(metadata.num_rows);
  if (rows > context.limits.images)
    throw new Refusal(
      `${source.where} has ${counted(rows)} rows; the limit is ${counted(context.limits.images)} images.`,
    );
  checkChunks(metadata, source.size);
  const compressors = await guardedCompressors(context);
  const file: AsyncBuffer = {
    byteLength: source.size,
    slice: async (start, end = source.size) => bufferOf(await bytesAt(source, start, end - start)),
  };
  return {
    where: source.where,
    rows,
    columns: outerColumns(metadata),
    notes: new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? ''])),
    async *groups(columns) {
      let start = 0;
      for (const [index, group] of metadata.row_groups.entries()) {
        await context.yieldToMessages();
        context.progress(`Reading ${source.path}`, start / rows);
        const end = start + Number(group.num_rows);
        try {
          const found = await damagedUnless(() =>
            parquetReadObjects({
              file,
              metadata,
              columns,
              rowStart: start,
              rowEnd: end,
              utf8: false,
              compressors,
            }),
          );
          yield { start, rows: found };
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          const place = `${source.where}, row group ${index + 1} (rows ${start + 1} to ${end})`;
          context.skip(
            place,
            error.message === damagedFile ? 'is damaged and cannot be read' : error.message,
            end - start,
          );
        }
        start = end;
      }
    },
  };
}

/** The table of contents with the eight bytes behind it. */
async function footerOf(source: Source): Promise<Uint8Array> {
  const tail = await bytesAt(source, source.size - 8, 8);
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > source.size - 12 || length > footerLimit)
    throw new Unreadable('is a damaged Parquet file: its table of contents would be longer than the file');
  return bytesAt(source, source.size - 8 - length, length + 8);
}

/** Throws unless every stretch of the file that the table of contents speaks of is in the file. */
function checkChunks({ row_groups, num_rows }: FileMetaData, size: number): void {
  let rows = 0;
  let bytes = 0;
  for (const { columns, num_rows: own } of row_groups) {
    rows += Number(own);
    for (const { meta_data, file_path, crypto_metadata } of columns) {
      if (crypto_metadata) throw new Unreadable('is a Parquet file with encrypted columns');
      if (file_path) throw new Unreadable('is a Parquet file whose data lies in other files');
      const start = Number(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset ?? -1);
      const length = Number(meta_data?.total_compressed_size ?? -1);
      if (!(start >= 0 && length >= 0 && start + length <= size && Number(own) >= 0))
        throw new Unreadable('is a damaged Parquet file: its table of contents points outside the file');
      bytes += length;
    }
  }
  // Read one by one, stretches that lie over each other would take more memory than the file.
  if (bytes > size)
    throw new Unreadable(
      'is a damaged Parquet file: its table of contents names the same bytes several times',
    );
  if (rows !== Number(num_rows))
    throw new Unreadable('is a damaged Parquet file: its row groups do not add up to its rows');
}

function outerColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  // Depth first: each element is followed by its children.
  let at = 1;
  const passBy = (depth: number) => {
    const element = schema[at++];
    if (!element || depth > 32) throw new Unreadable('is a Parquet file with a damaged list of columns');
    for (let child = 0; child < (element.num_children ?? 0); child++) passBy(depth + 1);
  };
  while (at < schema.length) {
    names.push(schema[at]!.name);
    passBy(0);
  }
  return names;
}

/** All codecs, each stopped before it makes more than a page may hold, and counted. */
async function guardedCompressors(context: ImportContext): Promise<Compressors> {
  const [{ snappyUncompress }, codecs] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  type Codec = (packed: Uint8Array, length: number) => Uint8Array;
  const guarded =
    (unpack: Codec): Codec =>
    (packed, length) => {
      if (!(length >= 0 && length <= pageLimit))
        throw new Unreadable(`has a page of more than ${bytesInWords(pageLimit)}`);
      context.countUnpacked(length);
      return unpack(packed, length);
    };
  return {
    SNAPPY: guarded((packed, length) => {
      const unpacked = new Uint8Array(length);
      snappyUncompress(packed, unpacked);
      return unpacked;
    }),
    GZIP: guarded(codecs.decompressGzip),
    BROTLI: guarded(codecs.decompressBrotli),
    // Into room of the length that was checked: alone it believes the length in its own header.
    ZSTD: guarded((packed, length) => codecs.decompressZstd(packed, new Uint8Array(length))),
    LZ4: guarded(codecs.decompressLz4),
    LZ4_RAW: guarded(codecs.decompressLz4Raw),
  };
}

const damagedFile = 'is a damaged Parquet file; download or copy it again';

/** What the library throws at damaged bytes is of every kind; refusals and a lack of memory are not its doing. */
async function damagedUnless<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreadable) throw error;
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new Unreadable(damagedFile);
  }
}

async function bytesAt(source: Source, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  if (source.readAt) return source.readAt(start, length);
  return (await source.read(start + length)).subarray(start);
}

/** The library reads whole buffers; a view of a larger one is copied. */
function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.length === bytes.buffer.byteLength;
  return whole ? bytes.buffer : bytes.slice().buffer;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
