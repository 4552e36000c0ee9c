/**
 * Arrow files and streams (Feather version 2, `save_to_disk` of Hugging Face), one batch of rows at a time, decoded by
 * flechette.
 */
import type { Column, Table } from '@uwdata/flechette';
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted } from '../limits';
import { Unreadable, type Source } from '../source';
import { arrowMessages, damaged } from './arrow-messages';
import type { ColumnarFile } from './columnar-file';
import { unpackLz4Frame } from './lz4-frame';

/** Unpacked size of one column of one batch. */
const mostUnpacked = 256 * 1024 * 1024;

/**
 * Opens a table; the source must have random access. Throws `Unreadable` when it is cut off or damaged, and a refusal
 * at a limit.
 */
export async function openArrow(source: Source, context: ImportContext): Promise<ColumnarFile> {
  const { readAt, where } = source;
  if (!readAt) throw new TypeError('An Arrow file needs random access.');
  const messages = await arrowMessages(source, readAt);
  const schema = messages.find(({ kind }) => kind === 'schema');
  if (!schema) throw damaged();
  const batches = messages.filter(({ kind }) => kind === 'batch');
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  if (rows > context.limits.tableRows)
    throw new Refusal(
      `${where} has ${counted(rows)} rows; the limit is ${counted(context.limits.tableRows)}.`,
    );
  const bytesOf = ({ start, end }: { start: number; end: number }) => readAt(start, end - start);
  const decode = await decoder(context);
  const front = await bytesOf(schema);
  const empty = decode([front]);
  return {
    where,
    rows,
    columns: empty.schema.fields.map(({ name }) => name),
    notes: empty.schema.metadata ?? new Map(),
    async *groups(columns) {
      const dictionaries: Uint8Array[] = [];
      let start = 0;
      for (const message of messages) {
        if (message.kind === 'dictionary') dictionaries.push(await bytesOf(message));
        if (message.kind !== 'batch') continue;
        await context.yieldToMessages();
        context.progress(`Reading ${source.path}`, start / rows);
        try {
          const table = decode([front, ...dictionaries, await bytesOf(message)], dictionaries);
          yield { start, rows: rowsOf(table, columns, message.rows) };
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          context.skip(`${where}, rows ${start + 1} to ${start + message.rows}`, error.message, message.rows);
        }
        start += message.rows;
      }
    },
  };
}

/** Decodes messages together. Throws `Unreadable` for what the library cannot decode. */
async function decoder(
  context: ImportContext,
): Promise<(messages: Uint8Array[], again?: readonly Uint8Array[]) => Table> {
  const [{ tableFromIPC, setCompressionCodec, CompressionType }, { decompressZstd }] = await Promise.all([
    import('@uwdata/flechette'),
    import('hyparquet-compressors'),
  ]);
  type Unpack = (packed: Uint8Array, length: number) => Uint8Array;
  /** Parts of dictionaries, which come with each batch of rows: they are unpacked and counted once. */
  const known = new WeakMap<ArrayBufferLike, Map<number, Uint8Array>>();
  let repeated: readonly Uint8Array[] = [];
  const isRepeated = ({ buffer, byteOffset }: Uint8Array) =>
    repeated.some(
      (message) =>
        message.buffer === buffer &&
        byteOffset >= message.byteOffset &&
        byteOffset < message.byteOffset + message.length,
    );
  const register = (type: 0 | 1, unpack: Unpack) =>
    setCompressionCodec(type, {
      encode: () => {
        throw new TypeError('Arrow files are only read.');
      },
      decode(packed, length = -1) {
        if (!(length >= 0 && length <= mostUnpacked))
          throw new Unreadable(
            `has a column of more than ${bytesInWords(mostUnpacked)} in one batch of rows`,
          );
        const before = known.get(packed.buffer)?.get(packed.byteOffset);
        if (before?.length === length) return before;
        context.countUnpacked(length);
        const unpacked = unpack(packed, length);
        if (isRepeated(packed)) {
          const own = known.get(packed.buffer) ?? new Map<number, Uint8Array>();
          known.set(packed.buffer, own.set(packed.byteOffset, unpacked));
        }
        return unpacked;
      },
    });
  return (messages, again = []) => {
    repeated = again;
    // The codecs are the library's for all its users, so those of this import are set before each use.
    register(CompressionType.LZ4_FRAME, unpackLz4Frame);
    register(CompressionType.ZSTD, (packed, length) => decompressZstd(packed, new Uint8Array(length)));
    return damagedUnless(() => tableFromIPC(messages, { useBigInt: true, useDate: true }));
  };
}

function damagedUnless<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreadable) throw error;
    throw damaged();
  }
}

function rowsOf(table: Table, columns: readonly string[], count: number): Record<string, unknown>[] {
  return damagedUnless(() => {
    const wanted = columns.map((name) => [name, table.getChild(name)] as const);
    for (const [, column] of wanted) checkColumn(column, count);
    return Array.from({ length: count }, (_, i) =>
      Object.fromEntries(wanted.map(([name, column]) => [name, plain(column.at(i))])),
    );
  });
}

/** Lists come as arrays of numbers of some width; bytes stay bytes. */
function plain(value: unknown): unknown {
  if (!ArrayBuffer.isView(value) || value instanceof Uint8Array) return value;
  return Array.from(value as unknown as ArrayLike<unknown>);
}

type Batch = Column<unknown>['data'][number];

function checkColumn(column: Column<unknown>, count: number): void {
  for (const batch of column.data) {
    if (batch.length !== count) throw damaged();
    checkLists(batch);
  }
}

/** Throws unless the lists of a batch lie one after the other inside of their values, which bounds their length. */
function checkLists(batch: Batch): void {
  const { length, offsets, sizes, children } = batch as Batch & {
    offsets?: ArrayLike<number | bigint>;
    stride?: number;
    sizes?: ArrayLike<number | bigint>;
    children?: Batch[];
  };
  const inner = children?.[0];
  // Views of lists may lie in any order and overlap.
  if (inner && offsets && sizes)
    for (let i = 0; i < length; i++) {
      const [from, size] = [Number(offsets[i]), Number(sizes[i])];
      if (!(from >= 0 && size >= 0 && from + size <= inner.length)) throw damaged();
    }
  else if (inner && offsets) {
    for (let i = 0; i < length; i++)
      if (!(Number(offsets[i]) >= 0 && Number(offsets[i]) <= Number(offsets[i + 1]))) throw damaged();
    if (length > 0 && Number(offsets[length]) > inner.length) throw damaged();
  }
  const stride = (batch as { stride?: number }).stride;
  if (inner && stride !== undefined && length * stride > inner.length) throw damaged();
  for (const child of children ?? []) checkLists(child);
}
