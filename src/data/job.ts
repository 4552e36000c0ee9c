/** What one import carries through all its readers: options, the notes it takes, the bounds it keeps. */
import { bytesInWords, counted, defaultLimits, type Limits } from './limits';

/** A picture after decoding: rows from the top, 4 bytes a pixel, colour not multiplied by alpha. */
export interface DecodedImage {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
}

/**
 * Decodes a picture, first frame, turned upright. Pictures with a side above `largest` may come scaled down to it.
 * Rejects when the picture is damaged or of an unknown kind.
 */
export type DecodeImage = (bytes: Blob, largest: number) => Promise<DecodedImage>;

export interface ImportOptions {
  decodeImage: DecodeImage;
  /** `share` is 0..1, or null while the end is not in sight. */
  onProgress?: (text: string, share: number | null) => void;
  signal?: AbortSignal;
  /** Decides which images become test images when the files bring no split. */
  seed?: number;
  /** Lower bounds than the usual ones, for small machines and tests. */
  limits?: Partial<Limits>;
}

/** Ends an import with a sentence for the user: what, where, what to do. */
export class Refusal extends Error {
  /** Plain name of the format that was refused, when it is known better than the import knows it. */
  readonly format: string | null;

  constructor(sentence: string, format: string | null = null) {
    super(sentence);
    this.name = 'Refusal';
    this.format = format;
  }
}

/** How many left-out places a report lists; the rest is only counted. */
const listed = 200;

export class Job {
  readonly decodeImage: DecodeImage;
  readonly seed: number;
  readonly limits: Limits;
  readonly warnings: string[] = [];
  readonly skipped: { where: string; why: string }[] = [];
  skippedCount = 0;
  /** Plain name of what is being read, for the report of a refusal. */
  format = 'unknown';
  private unpacked = 0;
  private lastBreath = performance.now();
  private readonly onProgress: (text: string, share: number | null) => void;
  private readonly signal: AbortSignal | undefined;

  constructor(options: ImportOptions) {
    this.decodeImage = options.decodeImage;
    this.onProgress = options.onProgress ?? (() => undefined);
    this.signal = options.signal;
    this.seed = options.seed ?? 1;
    this.limits = { ...defaultLimits, ...options.limits };
  }

  /** Notes something that is left out and counts. */
  skip(where: string, why: string): void {
    this.skippedCount++;
    if (this.skipped.length < listed) this.skipped.push({ where, why });
  }

  /** Notes a guess or an oddity. */
  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }

  progress(text: string, share: number | null = null): void {
    this.onProgress(text, share);
  }

  /** Lets messages in (a click on cancel is one) when the last pause is a while ago; throws when cancelled. */
  async breathe(): Promise<void> {
    if (performance.now() - this.lastBreath > 40) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.lastBreath = performance.now();
    }
    this.signal?.throwIfAborted();
  }

  /** Counts unpacked bytes as they come; throws a refusal at the limit. */
  unpack(bytes: number): void {
    this.unpacked += bytes;
    if (this.unpacked > this.limits.unpackedBytes)
      throw new Refusal(
        `The files unpack to more than ${bytesInWords(this.limits.unpackedBytes)}, the limit. Use fewer or smaller images.`,
      );
  }

  /** Throws a refusal when a data set of these dimensions is over a limit; call it before allocating. */
  checkSize(count: number, bytesPerImage: number): void {
    if (count > this.limits.images)
      throw new Refusal(
        `There are ${counted(count)} images; the limit is ${counted(this.limits.images)}. Leave some out.`,
      );
    if (count * bytesPerImage > this.limits.pixelBytes)
      throw new Refusal(
        `The images take ${bytesInWords(count * bytesPerImage)} of memory; the limit is ${bytesInWords(this.limits.pixelBytes)}. Use fewer images.`,
      );
  }
}
