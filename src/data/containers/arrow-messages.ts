/**
 * The messages of an Arrow file or stream ("Arrow Columnar Format", Serialization and IPC): a schema, dictionaries,
 * batches of rows. Sizes and counts are checked before the library that decodes them uses them. The table of contents
 * at the end of a file repeats what the messages say and is not read.
 */
import { Unreadable, type Source } from '../source';
import { Flatbuffer } from './flatbuffer';

export interface ArrowMessage {
  kind: 'schema' | 'dictionary' | 'batch';
  /** The bytes of the message with its prefix and body. */
  start: number;
  end: number;
  /** Rows of a batch. */
  rows: number;
}

const magic = 'ARROW1';
const continued = 0xffffffff;
/** Longest description of a message; one of a hundred thousand columns is shorter. */
const longestHead = 16 * 1024 * 1024;
/** Most fields of a schema, with those inside of others. */
const mostFields = 20_000;
const kinds = new Map<number, ArrowMessage['kind']>([
  [1, 'schema'],
  [2, 'dictionary'],
  [3, 'batch'],
]);
const unionType = 14;

export function isArrowFile(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 6)) === magic;
}

/** Whether bytes begin like an Arrow file or stream. */
export function isArrow(head: Uint8Array): boolean {
  if (isArrowFile(head)) return true;
  if (head.length < 16) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = view.getUint32(4, true);
  const root = view.getUint32(8, true);
  return (
    view.getUint32(0, true) === continued &&
    length > 16 &&
    length <= longestHead &&
    root >= 4 &&
    root < length
  );
}

/** The messages in order. Throws `Unreadable` when the file is cut off or damaged. */
export async function arrowMessages(
  source: Source,
  readAt: NonNullable<Source['readAt']>,
): Promise<ArrowMessage[]> {
  const found: ArrowMessage[] = [];
  const first = isArrowFile(await readAt(0, 8)) ? 8 : 0;
  for (let at = first; at < source.size;) {
    const prefix = new DataView((await readAt(at, 8)).slice().buffer);
    // Files before version 0.15 lack the mark before the length.
    const isMarked = prefix.byteLength >= 8 && prefix.getUint32(0, true) === continued;
    if (prefix.byteLength < 4) throw cutOff();
    const length = prefix.getUint32(isMarked ? 4 : 0, true);
    if (length === 0) break;
    const start = at + (isMarked ? 8 : 4);
    if (start + length > source.size) throw cutOff();
    if (length > longestHead) throw damaged();
    const message = messageIn(await readAt(start, length));
    const end = start + length + message.body;
    if (end > source.size) throw cutOff();
    if (message.kind) found.push({ kind: message.kind, rows: message.rows, start: at, end });
    at = end;
  }
  return found;
}

function cutOff(): Unreadable {
  return new Unreadable('is an Arrow file that ends too early: it was cut off; download or copy it again');
}

export function damaged(): Unreadable {
  return new Unreadable('is a damaged Arrow file; download or copy it again');
}

function messageIn(head: Uint8Array): { kind: ArrowMessage['kind'] | null; body: number; rows: number } {
  try {
    const flat = new Flatbuffer(head);
    const root = flat.root();
    const type = flat.field(root, 1);
    const content = flat.field(root, 2);
    const bodyField = flat.field(root, 3);
    const body = bodyField === 0 ? 0 : flat.long(bodyField);
    const kind = type === 0 ? null : (kinds.get(flat.byte(type)) ?? null);
    if (!Number.isSafeInteger(body) || body < 0 || content === 0) throw damaged();
    const table = flat.table(content);
    let rows = 0;
    if (kind === 'schema') checkSchema(flat, table);
    if (kind === 'batch') rows = checkBatch(flat, table, body);
    if (kind === 'dictionary') {
      const data = flat.field(table, 1);
      if (data === 0) throw damaged();
      checkBatch(flat, flat.table(data), body);
    }
    return { kind, body, rows };
  } catch (error) {
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}

function checkSchema(flat: Flatbuffer, schema: number): void {
  const endianness = flat.field(schema, 0);
  if (endianness !== 0 && flat.byte(endianness) !== 0)
    throw new Unreadable(
      'is an Arrow file with its highest bytes first, which no library for browsers reads',
    );
  let fields = 0;
  const visit = (table: number, slot: number, depth: number): void => {
    for (const at of flat.vector(table, slot, 4)) {
      if (++fields > mostFields || depth > 32) throw damaged();
      const field = flat.table(at);
      const type = flat.field(field, 2);
      if (type !== 0 && flat.byte(type) === unionType)
        throw new Unreadable('is an Arrow file with a column of several types (a union), which is not read');
      flat.vector(field, 6, 4);
      visit(field, 5, depth + 1);
    }
  };
  visit(schema, 1, 0);
  flat.vector(schema, 2, 4);
}

/** Checks a batch of rows against the bytes that follow; the number of its rows. */
function checkBatch(flat: Flatbuffer, batch: number, body: number): number {
  const lengthField = flat.field(batch, 0);
  const rows = lengthField === 0 ? 0 : flat.long(lengthField);
  if (!(rows >= 0 && Number.isSafeInteger(rows))) throw damaged();
  const isPacked = flat.field(batch, 3) !== 0;
  for (const node of flat.vector(batch, 1, 16)) {
    const length = flat.long(node);
    // A value takes a bit at least, except in columns of nothing, which are as long as the batch.
    if (!(length >= 0 && (isPacked || length <= Math.max(rows, 8 * body)))) throw damaged();
  }
  for (const region of flat.vector(batch, 2, 16)) {
    const [offset, length] = [flat.long(region), flat.long(region + 8)];
    if (!(offset >= 0 && length >= 0 && offset + length <= body)) throw damaged();
  }
  flat.vector(batch, 4, 8);
  return rows;
}
