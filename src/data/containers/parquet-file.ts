/**
 * Parquet files, read one row group at a time by hyparquet. Sizes in headers are checked against the file or a limit
 * before the library uses them.
 */
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted } from '../limits';
import { Unreadable, type Source } from '../source';
import { latin } from '../text';
import type { ColumnarFile } from './columnar-file';

const magic = 'PAR1';
/** Unpacked size of one page: writers make pages of one megabyte, or of one large image. */
const pageLimit = 128 * 1024 * 1024;
/** Size of the footer: that of a hundred thousand row groups is smaller. */
const footerLimit = 64 * 1024 * 1024;

/** Whether a source starts with Parquet's magic number and, where its end can be read, ends with it. */
export async function isParquet(source: Source, head: Uint8Array): Promise<boolean> {
  if (latin(head, 0, 4) !== magic || source.size < 12) return false;
  return !source.readAt || latin(await source.readAt(source.size - 4, 4), 0, 4) === magic;
}

/** Opens a table. Throws `Unreadable` when its footer is damaged, and a refusal at a limit. */
export async function openParquet(source: Source, context: ImportContext): Promise<ColumnarFile> {
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const metadata = await damagedUnless(async () =>
    parquetMetadata(await footerOf(source), { geoparquet: false }),
  );
  const rows = Number(metadata.num_rows);
  if (rows > context.limits.tableRows)
    throw new Refusal(
      `${source.where} has ${counted(rows)} rows; the limit is ${counted(context.limits.tableRows)}.`,
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

/** The footer with the eight bytes that follow it. */
async function footerOf(source: Source): Promise<Uint8Array> {
  const tail = await bytesAt(source, source.size - 8, 8);
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > source.size - 12 || length > footerLimit)
    throw new Unreadable('is a damaged Parquet file: its table of contents would be longer than the file');
  return bytesAt(source, source.size - 8 - length, length + 8);
}

/** Throws unless every byte range named in the footer lies inside the file. */
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
  // Overlapping ranges, read one by one, would take more memory than the file.
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
    const { name }: { name: unknown } = schema[at]!;
    if (typeof name !== 'string') throw new Unreadable('is a Parquet file with a damaged list of columns');
    names.push(name);
    passBy(0);
  }
  return names;
}

/** All codecs, each limited to one page of output and counted against the limit of unpacked bytes. */
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
    // With an output buffer of the checked length; without one the codec trusts the length in its own header.
    ZSTD: guarded((packed, length) => codecs.decompressZstd(packed, new Uint8Array(length))),
    LZ4: guarded(codecs.decompressLz4),
    LZ4_RAW: guarded(codecs.decompressLz4Raw),
  };
}

const damagedFile = 'is a damaged Parquet file; download or copy it again';

/**
 * The library throws various errors for damaged bytes; they become `Unreadable`. Refusals and out-of-memory errors
 * are rethrown.
 */
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

/** The library reads whole buffers, so a view of a larger one is copied. */
function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.length === bytes.buffer.byteLength;
  return whole ? bytes.buffer : bytes.slice().buffer;
}
