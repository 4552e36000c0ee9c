/** Sounds in class folders, each made a picture: its log-mel spectrogram. */
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted, largestSide, plural, smallestSide } from '../limits';
import { netpbmOf } from '../netpbm';
import type { Size } from '../resize';
import { depth, logMel } from '../sound/log-mel';
import { isWav, momentsIn, samplesIn, wavHeader, type WavHeader } from '../sound/wav';
import { headBytes, Unreadable, whyUnreadable, type Source } from '../source';
import type { Format } from './dataset-format';
import { pictures } from './pictures';

/** Side of the pictures, unless another one is chosen. */
const usualSide = 32;
/** Some writers put notes before the samples. */
const longHead = 256 * 1024;

interface Sound {
  source: Source;
  header: WavHeader;
  /** Seconds. */
  seconds: number;
}

export const sounds: Format = {
  name: 'class folders',
  noun: 'a sound',
  isOfSingles: true,
  recognise: ({ head }) => isWav(head),
  async read(sources, aside, context) {
    const found: Sound[] = [];
    for (const [i, source] of sources.entries()) {
      if (i % 64 === 0) context.progress('Measuring sounds', i / sources.length);
      await context.yieldToMessages();
      try {
        const header = await headerOf(source);
        found.push({ source, header, seconds: momentsIn(header, source.size) / header.rate });
      } catch (error) {
        context.skip(source.where, whyUnreadable(error));
      }
    }
    const [first] = context.skipped;
    if (found.length === 0)
      throw new Refusal(
        `None of the sounds can be used${first ? `; the first: ${first.where} ${first.why}` : ''}.`,
      );
    const settings = settingsFor(found, context);
    tell(found, settings, context);
    return pictures.read(
      found.map((sound) => pictureOf(sound, settings, context)),
      aside,
      context,
    );
  },
};

async function headerOf(source: Source): Promise<WavHeader> {
  for (const most of [headBytes, longHead]) {
    const head = await source.read(most);
    const header = wavHeader(head);
    if (header) return header;
    if (head.length < most) break;
  }
  throw new Unreadable('is a damaged WAV file: it ends before its samples begin');
}

interface Settings extends Size {
  /** Samples a second; half of them is the highest tone. */
  rate: number;
  seconds: number;
  /** From 0, or null for the mean of all. */
  channel: number | null;
}

const channelOptions = [
  { value: 'all', text: 'mixed together' },
  { value: 'first', text: 'the first (left)' },
  { value: 'second', text: 'the second (right)' },
] as const;

/** The usual rate and length, unless the user chose others. */
function settingsFor(found: readonly Sound[], context: ImportContext): Settings {
  const usual = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const rate = context.number(
    'soundRate',
    'Rate',
    { min: 1000, max: 192_000, unit: 'Hz' },
    usual(found.map(({ header }) => header.rate)),
  );
  const length = context.number(
    'soundLength',
    'Length of a sound',
    { min: 50, max: 60_000, unit: 'ms' },
    Math.min(10_000, Math.max(50, Math.round(1000 * usual(found.map(({ seconds }) => seconds))))),
  );
  const isMono = found.every(({ header }) => header.channels === 1);
  const channels = isMono ? 'all' : context.pick('soundChannels', 'Channels', channelOptions, 'all');
  return {
    rate,
    seconds: length / 1000,
    channel: channels === 'all' ? null : channels === 'first' ? 0 : 1,
    height: sideIn(context.choices.imageHeight),
    width: sideIn(context.choices.imageWidth),
  };
}

function sideIn(choice: string | number | undefined): number {
  const side = Number(choice ?? NaN);
  return Number.isInteger(side) && side >= smallestSide && side <= largestSide ? side : usualSide;
}

function tell(
  found: readonly Sound[],
  { rate, seconds, height, width }: Settings,
  context: ImportContext,
): void {
  const length = `${counted(Math.round(seconds * 1000))} ms`;
  context.warn(
    `Each sound became a picture of ${height}×${width}, its log-mel spectrogram: ${height} bands up to ${counted(Math.floor(rate / 2))} Hz, low tones at the bottom, ${length}, ${depth} dB below its loudest point. The sounds themselves are not kept.`,
  );
  const rates = new Set(found.map(({ header }) => header.rate));
  if (rates.size > 1)
    context.warn(
      `The sounds have ${counted(rates.size)} rates, from ${counted(Math.min(...rates))} to ${counted(Math.max(...rates))} Hz; tones above half of its rate are missing in a sound.`,
    );
  const slack = 0.01;
  const longer = found.filter((sound) => sound.seconds > seconds + slack).length;
  const shorter = found.filter((sound) => sound.seconds < seconds - slack).length;
  if (longer > 0)
    context.warn(`${plural(longer, 'sound is', 'sounds are')} longer than ${length} and cut there.`);
  if (shorter > 0)
    context.warn(
      `${plural(shorter, 'sound is', 'sounds are')} shorter than ${length} and followed by silence.`,
    );
}

/** The picture of a sound in place of it, made when it is read. */
function pictureOf({ source, header }: Sound, settings: Settings, context: ImportContext): Source {
  const { height, width, rate, seconds, channel } = settings;
  const { path, where, place } = source;
  const read = async () => {
    const limit = context.limits.pictureBytes;
    if (source.size > limit)
      throw new Unreadable(`has more than ${bytesInWords(limit)}, the limit for one sound`);
    const bytes = await source.read(Infinity);
    const samples = samplesIn(bytes, header, channel, Math.ceil(seconds * header.rate));
    if (samples.length === 0) throw new Unreadable('holds no samples');
    const shape = { bands: height, frames: width, seconds, highest: rate / 2 };
    return netpbmOf(logMel(samples, header.rate, shape), { height, width });
  };
  return {
    path,
    where,
    // Of the picture with its header.
    size: height * width + 20,
    read,
    pictureSize: { height, width },
    ...(place !== undefined && { place }),
    ...(source.className !== undefined && { className: source.className }),
  };
}
