/** State of one import that all readers share: options, limits, guesses, warnings, files left out. */
import type { Guess, GuessId, GuessOption, ImportChoices } from './import-report';
import { bytesInWords, counted, defaultLimits, reasonFor, type Limits } from './limits';
import type { KeptSounds } from './dataset';

/** A decoded picture: rows from the top, 4 bytes per pixel, alpha not premultiplied. */
export interface DecodedImage {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
  /** Frees the memory of `rgba` at once, where the decoder allows it. */
  free?: () => void;
}

/**
 * Decodes a picture: first frame, turned upright. Pictures with a side above `largest` may come scaled down to it.
 * Rejects when the picture is damaged or of an unknown kind.
 */
export type DecodeImage = (bytes: Blob, largest: number) => Promise<DecodedImage>;

export interface ImportOptions {
  decodeImage: DecodeImage;
  /** `share` is 0..1, or null while the total is unknown. */
  onProgress?: (text: string, share: number | null) => void;
  signal?: AbortSignal;
  /** The user's choices in place of guesses. */
  choices?: ImportChoices;
  /** Overrides of the default limits, for tests. */
  limits?: Partial<Limits>;
}

/** Ends an import with a sentence for the user: what happened, where, what to do. */
export class Refusal extends Error {
  /** Plain name of the refused format, when it is more exact than the context's. */
  readonly format: string | null;

  constructor(sentence: string, format: string | null = null) {
    super(sentence);
    this.name = 'Refusal';
    this.format = format;
  }
}

/** Number of left-out files that a report lists; the others are only counted. */
const listed = 200;

/** Shortens a path for display; a name may have sixty thousand characters. */
function shortened(where: string): string {
  const most = 300;
  return where.length <= most ? where : `${where.slice(0, most / 2)}…${where.slice(-most / 2)}`;
}

export class ImportContext {
  readonly decodeImage: DecodeImage;
  readonly limits: Limits;
  readonly choices: ImportChoices;
  readonly guesses: Guess[] = [];
  readonly warnings: string[] = [];
  readonly skipped: { where: string; why: string }[] = [];
  skippedCount = 0;
  /** What was heard of the sounds that became pictures; null for other sets, and where it is not kept. */
  sounds: KeptSounds | null = null;
  /** Name of the set that was chosen among several, which files beside it may bear too; null without a choice. */
  set: string | null = null;
  /** Plain name of the format being read, for the report of a refusal. */
  format = 'unknown';
  private unpacked = 0;
  private lastYield = performance.now();
  private readonly onProgress: (text: string, share: number | null) => void;
  private readonly signal: AbortSignal | undefined;

  constructor(options: ImportOptions) {
    this.decodeImage = options.decodeImage;
    this.onProgress = options.onProgress ?? (() => undefined);
    this.signal = options.signal;
    this.choices = options.choices ?? {};
    this.limits = { ...defaultLimits, ...options.limits };
  }

  /** Reports something that is left out; `count` when the place holds several. */
  skip(where: string, why: string, count = 1): void {
    this.skippedCount += count;
    if (this.skipped.length < listed) this.skipped.push({ where: shortened(where), why });
  }

  /** Adds a warning, unless the same sentence is there already. */
  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }

  /** Removes warnings that end so, because they are no longer true. */
  takeBack(end: string): void {
    const kept = this.warnings.filter((warning) => !warning.endsWith(end));
    this.warnings.splice(0, Infinity, ...kept);
  }

  /**
   * Records a guess among options and returns it, or the user's choice in its place. Returns null when there is
   * neither; the reader then refuses and the page asks the user. A second call with the same id records nothing new.
   * @param open whether the question is shown in view, because the files allow several answers
   */
  pick<const V extends string>(
    id: GuessId,
    label: string,
    options: readonly GuessOption<V>[],
    guess: V | null,
    open = false,
  ): V | null {
    const chosen = options.find(({ value }) => value === this.choices[id])?.value;
    const value = chosen ?? guess;
    this.guessed({
      kind: 'option',
      id,
      label,
      value,
      options: [...options],
      chosen: chosen !== undefined,
      ...(open ? { open } : {}),
    });
    return value;
  }

  /** The same for any number of the options; their values hold no comma. */
  several(
    id: GuessId,
    label: string,
    options: readonly { value: string; text: string }[],
    guess: readonly string[],
  ): string[] {
    const wish = this.choices[id];
    const chosen = wish !== undefined;
    const wanted = chosen ? String(wish).split(',') : guess;
    const value = options.map((option) => option.value).filter((option) => wanted.includes(option));
    this.guessed({ kind: 'several', id, label, value, options: [...options], chosen });
    return value;
  }

  /** The same for a whole number within bounds. */
  number(
    id: GuessId,
    label: string,
    { min, max, unit }: { min: number; max: number; unit: string },
    guess: number,
  ): number {
    const wish = Number(this.choices[id] ?? NaN);
    const chosen = Number.isInteger(wish) && wish >= min && wish <= max;
    const value = chosen ? wish : guess;
    this.guessed({ kind: 'number', id, label, value, min, max, unit, chosen });
    return value;
  }

  private guessed(guess: Guess): void {
    if (!this.guesses.some(({ id }) => id === guess.id)) this.guesses.push(guess);
  }

  progress(text: string, share: number | null = null): void {
    this.onProgress(text, share);
  }

  /**
   * Yields to messages (such as a click on cancel) if the last yield was more than 40 ms ago. Throws when cancelled.
   */
  async yieldToMessages(): Promise<void> {
    if (performance.now() - this.lastYield > 40) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.lastYield = performance.now();
    }
    this.signal?.throwIfAborted();
  }

  /** Adds to the count of unpacked bytes; throws a refusal at the limit. */
  countUnpacked(bytes: number): void {
    this.unpacked += bytes;
    if (this.unpacked > this.limits.unpackedBytes)
      throw new Refusal(
        `The files unpack to more than ${bytesInWords(this.limits.unpackedBytes)}, the limit. Use fewer or smaller images.`,
      );
  }

  /** Throws a refusal when the vectors of a data set exceed the limit. Call it before allocating. */
  checkMemory(bytes: number): void {
    if (bytes > this.limits.pixelBytes)
      throw new Refusal(
        `The rows take ${bytesInWords(bytes)} of memory; the limit is ${bytesInWords(this.limits.pixelBytes)}${reasonFor(this.limits)}. Use fewer rows or columns.`,
      );
  }

  /** Throws a refusal when a data set of these dimensions exceeds a limit. Call it before allocating. */
  checkSize(count: number, bytesPerImage: number): void {
    if (count > this.limits.images)
      throw new Refusal(
        `There are ${counted(count)} images; the limit is ${counted(this.limits.images)}. Leave some out.`,
      );
    if (count * bytesPerImage > this.limits.pixelBytes)
      throw new Refusal(
        `The images take ${bytesInWords(count * bytesPerImage)} of memory; the limit is ${bytesInWords(this.limits.pixelBytes)}${reasonFor(this.limits)}. Use fewer images, or a smaller size.`,
      );
  }
}
