/** Small files of every format, built byte by byte, and the way to import them. */
import { gzipSync, zipSync, type Zippable } from 'fflate';
import { labelledImagesOf } from '../../../src/data/labelled-images';
import type { ImportFile, ImportResult } from '../../../src/data/import-report';
import { importFiles, type DecodedImage, type ImportOptions } from '../../../src/data/import-dataset';

export type Bytes = Uint8Array<ArrayBuffer>;

export function file(path: string, content: Uint8Array | string): ImportFile {
  return { path, bytes: new Blob([content as Bytes]) };
}

export function text(content: string): Bytes {
  return new TextEncoder().encode(content);
}

/** Imports with the decoder of `picture`. */
export function load(files: ImportFile[], options: Partial<ImportOptions> = {}): Promise<ImportResult> {
  return importFiles(files, { decodeImage: decodePicture, ...options });
}

/** An import of images with a class each. */
export async function loaded(files: ImportFile[], options: Partial<ImportOptions> = {}) {
  const { report, dataset } = await loadedSet(files, options);
  return { report, dataset: labelledImagesOf(dataset)! };
}

/** An import of a set of any kind. */
export async function loadedSet(files: ImportFile[], options: Partial<ImportOptions> = {}) {
  const { report, dataset } = await load(files, options);
  if (!dataset) throw new Error(`refused: ${report.message}`);
  return { report, dataset };
}

/** Imports and expects a refusal; its report. */
export async function refused(files: ImportFile[], options: Partial<ImportOptions> = {}) {
  const { report, dataset } = await load(files, options);
  if (dataset) throw new Error(`not refused: ${report.message}`);
  return report;
}

export function joined(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Pixel i of image n: any byte, no two images alike. */
export function pixel(n: number, i: number): number {
  const mixed = Math.imul(n * 65_537 + i * 257 + 1, 0x9e3779b1);
  return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 24;
}

/** Bytes of `count` images of `size` values. */
export function pixels(count: number, size: number): Bytes {
  return Uint8Array.from({ length: count * size }, (_, at) => pixel(Math.floor(at / size), at % size));
}

/** 0, 1, .., classes-1, 0, 1, ... */
export function labels(count: number, classes: number): number[] {
  return Array.from({ length: count }, (_, n) => n % classes);
}

/** What begins like a PNG and holds red, green, blue, opacity and a seed; `decodePicture` reads it. */
export function picture(seed: number, width = 8, height = 8, rgba: number[] = [200, 100, 50, 255]): Bytes {
  const bytes = new Uint8Array(40);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set(rgba, 24);
  view.setUint32(28, seed);
  return bytes;
}

export async function decodePicture(blob: Blob): Promise<DecodedImage> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (bytes.length < 40) throw new Error('The picture is cut.');
  const view = new DataView(bytes.buffer);
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const seed = view.getUint32(28);
  const [red = 0, green = 0, blue = 0, opacity = 0] = bytes.subarray(24, 28);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const shade = red === green && green === blue ? pixel(seed, i) : 0;
    rgba.set([red + shade, green + shade, blue + shade, opacity], i * 4);
    if (shade === 0) rgba[i * 4] = pixel(seed, i);
  }
  return { width, height, rgba };
}

/** Paths and pictures of `each` images in each class. */
export function folders(classes: string[], each: number, prefix = ''): Record<string, Bytes> {
  const all: Record<string, Bytes> = {};
  for (const [c, name] of classes.entries())
    for (let i = 0; i < each; i++) all[`${prefix}${name}/${i}.png`] = picture(hash(prefix) + c * 1000 + i);
  return all;
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => sum + letter.codePointAt(0)! * 1013, 0);
}

export function dropped(entries: Record<string, Bytes>): ImportFile[] {
  return Object.entries(entries).map(([path, bytes]) => file(path, bytes));
}

export function zip(entries: Record<string, Uint8Array>, level: 0 | 6 = 6): Bytes {
  const zippable: Zippable = {};
  for (const [path, bytes] of Object.entries(entries)) zippable[path] = [bytes, { level }];
  return zipSync(zippable) as Bytes;
}

export function gzip(bytes: Uint8Array): Bytes {
  return gzipSync(bytes) as Bytes;
}

export function tar(entries: Record<string, Uint8Array>, type = '0'): Bytes {
  const blocks = Object.entries(entries).flatMap(([path, bytes]) => [
    tarHeader(path, bytes.length, type),
    bytes,
    new Uint8Array((512 - (bytes.length % 512)) % 512),
  ]);
  return joined(...blocks, new Uint8Array(1024));
}

export function tarHeader(path: string, size: number, type: string): Bytes {
  const header = new Uint8Array(512);
  header.set(text(path).subarray(0, 100));
  header.set(text('0000644\0'), 100);
  header.set(text(`${size.toString(8).padStart(11, '0')}\0`), 124);
  header.set(text('        '), 148);
  header.set(text(type), 156);
  header.set(text('ustar\x0000'), 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return header;
}

/** An IDX file of bytes. */
export function idx(shape: number[], data: Uint8Array, type = 0x08): Bytes {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  const view = new DataView(header.buffer);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  return joined(header, data);
}

export interface NpyOptions {
  fortran?: boolean;
  version?: 1 | 2 | 3;
  /** In place of the header that belongs there. */
  header?: string;
}

export function npy(descr: string, shape: number[], data: Uint8Array, options: NpyOptions = {}): Bytes {
  const { fortran = false, version = 1, header } = options;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary =
    header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = dictionary.padEnd(Math.ceil((start + dictionary.length + 1) / 64) * 64 - start - 1) + '\n';
  const front = new Uint8Array(start);
  front.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(front.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  return joined(front, text(padded), data);
}

/** Whole numbers as int64, little-endian: what numpy makes of a list. */
export function int64(values: number[]): Bytes {
  return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
}

/** A CIFAR file of records with random-looking pixels; the labels go round. */
export function cifar(count: number, labelBytes: 1 | 2, seed = 0): Bytes {
  const records = Array.from({ length: count }, (_, n) => {
    const front = labelBytes === 1 ? [n % 10] : [n % 2, n % 4];
    return joined(
      Uint8Array.from(front),
      Uint8Array.from({ length: 3072 }, (_, i) => pixel(n + seed, i)),
    );
  });
  return joined(...records);
}

export interface CsvOptions {
  separator?: string;
  labelFirst?: boolean;
  header?: string[];
  newline?: string;
  label?: (n: number) => string;
  value?: (n: number, i: number) => string;
}

/** A table of grey images; ten classes in turn unless told otherwise. */
export function csv(count: number, size: number, options: CsvOptions = {}): string {
  const { separator = ',', labelFirst = true, header, newline = '\n' } = options;
  const label = options.label ?? ((n: number) => String(n % 10));
  const value = options.value ?? ((n: number, i: number) => String(pixel(n, i)));
  const rows = Array.from({ length: count }, (_, n) => {
    const cells = Array.from({ length: size }, (_, i) => value(n, i));
    return (labelFirst ? [label(n), ...cells] : [...cells, label(n)]).join(separator);
  });
  return [...(header ? [header.join(separator)] : []), ...rows].join(newline) + newline;
}
