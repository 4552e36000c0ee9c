/** What files of sounds have in common, whatever packs their samples. */
import type { Source } from '../source';

export interface SoundHeader {
  /** Samples a second, Hz. */
  rate: number;
  channels: number;
  /** Samples of each channel; at least those of the longest sound that is heard, where the file does not say how many. */
  moments: number;
}

/** A kind of files. Its functions throw `Unreadable` for damaged files and for samples that are not read. */
export interface SoundKind {
  /** Whether the first bytes of a file are of this kind. */
  recognise(head: Uint8Array): boolean;
  header(source: Source): Promise<SoundHeader>;
  /**
   * The first `most` samples of a channel, or of the mean of all, -1..1 (floats as they are), fewer where there are
   * not so many.
   * @param channel from 0, or null for the mean
   */
  samples(file: Uint8Array, channel: number | null, most: number): Promise<Float32Array>;
}

/** Seconds of a sound that are heard at most. */
export const longest = 60;

const mostChannels = 64;

/** Whether a header states what a sound can have. */
export function isPossible({ rate, channels }: Pick<SoundHeader, 'rate' | 'channels'>): boolean {
  return channels > 0 && channels <= mostChannels && rate >= 100 && rate <= 1_000_000;
}

/** The channels that are heard: one of them, the last where there are not so many, or all. */
export function heard(channel: number | null, channels: number): number[] {
  return channel === null ? Array.from({ length: channels }, (_, c) => c) : [Math.min(channel, channels - 1)];
}
