/**
 * Cells of a table as numbers. A block of rows is stored as bytes while it holds nothing else, as most tables of
 * pixels do.
 */
export class CellStore {
  private readonly chunks: (Uint8Array | Float32Array)[] = [];
  private readonly rowsPerChunk: number;
  /** Bytes allocated. */
  bytes = 0;

  /** @param width cells of a row */
  constructor(private readonly width: number) {
    this.rowsPerChunk = Math.max(1, Math.floor(1_000_000 / width));
  }

  /** Writes a cell. Rows must be started in order. Fractions are kept as 32-bit floats. */
  set(row: number, column: number, value: number): void {
    const index = Math.floor(row / this.rowsPerChunk);
    const at = (row % this.rowsPerChunk) * this.width + column;
    const chunk = this.chunks[index] ?? this.take(index, new Uint8Array(this.rowsPerChunk * this.width));
    if (chunk instanceof Float32Array || isByte(value)) chunk[at] = value;
    else this.take(index, Float32Array.from(chunk))[at] = value;
  }

  at(row: number, column: number): number {
    return this.chunks[Math.floor(row / this.rowsPerChunk)]![
      (row % this.rowsPerChunk) * this.width + column
    ]!;
  }

  private take<C extends Uint8Array | Float32Array>(index: number, chunk: C): C {
    this.bytes += chunk.byteLength - (this.chunks[index]?.byteLength ?? 0);
    this.chunks[index] = chunk;
    return chunk;
  }
}

function isByte(value: number): boolean {
  return value >= 0 && value <= 255 && Number.isInteger(value);
}
