/** Tables with a row per image that stay on the device: images, and a teacher's outputs on them. */
import type { RawKernel } from '../webgpu-backend';
import { flat, vec, widthOf } from './wgsl';

export interface PictureShape {
  /** Number of images of the result. */
  batch: number;
  /** Height of the result. */
  height: number;
  width: number;
  channels: number;
  /** The sides of the table's images are so many times longer; a pixel of the result is the sum of such a block. */
  block: number;
}

/**
 * Bytes of many images, four to a word; per image of the result its row (negative for a black image), shift down and
 * right, and 1 if it is mirrored; the number for each byte or sum of a block's bytes -> [B,H,W,C]. Black enters at the
 * edges. One thread per number.
 */
export function assemblePictures({ batch, height, width, channels, block }: PictureShape): RawKernel {
  const line = width * channels * block;
  const size = height * line * block;
  const corners = Array.from(
    { length: block ** 2 },
    (_, i) => Math.floor(i / block) * line + (i % block) * channels,
  );
  const byte = (offset: number) =>
    `((bytes[(at + ${offset}) >> 2] >> (8 * u32((at + ${offset}) & 3))) & 255)`;
  return flat({
    name: 'pictures by row',
    read: ['bytes: u32', 'picks: vec4i', 'numbers: f32'],
    write: ['pictures: f32'],
    threads: batch * height * width * channels,
    body: `
      let c = i % ${channels};
      let column = i / ${channels} % ${width};
      let line = i / ${width * channels} % ${height};
      let pick = picks[i / ${height * width * channels}];
      let y = line - pick.y;
      let straight = column - pick.z;
      let x = select(straight, ${width - 1} - straight, pick.w == 1);
      let inside = pick.x >= 0 && y >= 0 && y < ${height} && straight >= 0 && straight < ${width};
      var sum = 0u;
      if (inside) {
        let at = pick.x * ${size} + y * ${block * line} + x * ${block * channels} + c;
        sum = ${corners.map(byte).join(' + ')};
      }
      pictures[i] = numbers[sum];`,
  });
}

/** Row numbers, then tables [N,size] -> the rows of each table [B,size]. One thread per vector of a row. */
export function recallRows(batch: number, sizes: readonly number[]): RawKernel {
  const { threads, body } = perVector(batch, sizes, (t) => `part${t}[at] = table${t}[row];`);
  return flat({
    name: 'recall rows',
    read: ['rows: i32', ...buffers('table', sizes)],
    write: buffers('part', sizes),
    threads,
    body,
  });
}

/** Row numbers and parts [B,size]; writes them into rows of the tables [N,size]. */
export function rememberRows(batch: number, sizes: readonly number[]): RawKernel {
  const { threads, body } = perVector(batch, sizes, (t) => `table${t}[row] = part${t}[at];`);
  return flat({
    name: 'remember rows',
    read: ['rows: i32', ...buffers('part', sizes)],
    write: buffers('table', sizes),
    threads,
    body,
  });
}

function buffers(name: string, sizes: readonly number[]): string[] {
  return sizes.map((size, t) => `${name}${t}: ${vec(widthOf(size))}`);
}

/** Code for each table in turn; `at` is an index in the part and `row` the same in the table. */
function perVector(batch: number, sizes: readonly number[], act: (table: number) => string) {
  let end = 0;
  const branches = sizes.map((size, t) => {
    const vectors = size / widthOf(size);
    const begin = end;
    end += batch * vectors;
    return `
      if (i < ${end}) {
        let at = i - ${begin};
        let row = rows[at / ${vectors}] * ${vectors} + at % ${vectors};
        ${act(t)}
        return;
      }`;
  });
  return { threads: end, body: branches.join('\n') };
}
