/** Sounds in class folders, in WAV, FLAC or Ogg, each made a picture: its log-mel spectrogram. */
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted, largestSide, plural, smallestSide } from '../limits';
import { netpbmOf } from '../netpbm';
import type { Size } from '../resize';
import { depth, logMel } from '../sound/log-mel';
import { flac } from '../sound/flac';
import { bytesOfSample, SoundKeeper } from '../sound/kept-sounds';
import { ogg } from '../sound/ogg';
import { longest, type SoundHeader, type SoundKind } from '../sound/sound-file';
import { wav } from '../sound/wav';
import { headBytes, Unreadable, whyUnreadable, type Source } from '../source';
import type { Format } from './dataset-format';
import { pictures } from './pictures';

/** Side of the pictures, unless another one is chosen. */
const usualSide = 32;
/** Bytes of sounds that are kept unless the user says otherwise. */
const usuallyKept = 256 * 1024 * 1024;

const kinds: readonly SoundKind[] = [wav, flac, ogg];

interface Sound {
  source: Source;
  kind: SoundKind;
  header: SoundHeader;
  /** Seconds. */
  seconds: number;
}

export const sounds: Format = {
  name: 'class folders',
  noun: 'a sound',
  isOfSingles: true,
  recognise: ({ head }) => kindOf(head) !== undefined,
  async read(sources, aside, context) {
    const found: Sound[] = [];
    for (const [i, source] of sources.entries()) {
      if (i % 64 === 0) context.progress('Measuring sounds', i / sources.length);
      await context.yieldToMessages();
      try {
        const kind = kindOf(await source.read(headBytes))!;
        const header = await kind.header(source);
        found.push({ source, kind, header, seconds: header.moments / header.rate });
      } catch (error) {
        context.skip(source.where, whyUnreadable(error));
      }
    }
    const [first] = context.skipped;
    if (found.length === 0)
      throw new Refusal(
        `None of the sounds can be used${first ? `; the first: ${first.where} ${first.why}` : ''}.`,
      );
    const meant = withoutNoise(found, context);
    const settings = settingsFor(meant, context);
    tell(meant, settings, context);
    const keeper = settings.isKept ? new SoundKeeper() : null;
    const shown = meant.map((sound) => pictureOf(sound, settings, keeper, context));
    const reading = await ofSounds(() => pictures.read(shown, aside, context));
    context.sounds = keeper && keeper.finish();
    return reading;
  },
};

/** Sounds of a folder between underscores, such as "_background_noise_", are mixed into others and no class. */
function withoutNoise(found: readonly Sound[], context: ImportContext): readonly Sound[] {
  const isNoise = ({ source }: Sound) => /(^|\/)_[^/]+_\/[^/]+$/.test(source.path);
  const noise = found.filter(isNoise);
  if (noise.length === 0 || noise.length === found.length) return found;
  for (const { source } of noise)
    context.skip(
      source.where,
      'lies in a folder between underscores, as noise to be mixed in, which is no class',
    );
  return found.filter((sound) => !isNoise(sound));
}

/** Refusals of the pictures that sounds became speak of sounds. */
async function ofSounds<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.message.replaceAll(/\bpicture(s?)\b/g, 'sound$1'), error.format);
  }
}

function kindOf(head: Uint8Array): SoundKind | undefined {
  return kinds.find((kind) => kind.recognise(head));
}

interface Settings extends Size {
  /** Samples a second; half of them is the highest tone. */
  rate: number;
  seconds: number;
  /** From 0, or null for the mean of all. */
  channel: number | null;
  /** Whether the sounds lie beside the set. */
  isKept: boolean;
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
    { min: 50, max: 1000 * longest, unit: 'ms' },
    Math.min(10_000, Math.max(50, Math.round(1000 * usual(found.map(({ seconds }) => seconds))))),
  );
  const isMono = found.every(({ header }) => header.channels === 1);
  const channels = isMono ? 'all' : context.pick('soundChannels', 'Channels', channelOptions, 'all');
  const seconds = length / 1000;
  return {
    rate,
    seconds,
    isKept: areKept(found, seconds, context),
    channel: channels === 'all' ? null : channels === 'first' ? 0 : 1,
    height: sideIn(context.choices.imageHeight),
    width: sideIn(context.choices.imageWidth),
  };
}

function areKept(found: readonly Sound[], seconds: number, context: ImportContext): boolean {
  const samples = found.reduce(
    (sum, { header }) => sum + Math.min(header.moments, Math.ceil(seconds * header.rate)),
    0,
  );
  const bytes = samples * bytesOfSample;
  const options = [
    { value: 'yes', text: `kept to be played, ${bytesInWords(bytes)}` },
    { value: 'no', text: 'not kept' },
  ] as const;
  return context.pick('soundsKept', 'Sounds', options, bytes <= usuallyKept ? 'yes' : 'no') === 'yes';
}

function sideIn(choice: string | number | undefined): number {
  const side = Number(choice ?? NaN);
  return Number.isInteger(side) && side >= smallestSide && side <= largestSide ? side : usualSide;
}

function tell(found: readonly Sound[], settings: Settings, context: ImportContext): void {
  const { rate, seconds, height, width, channel, isKept } = settings;
  const length = `${counted(Math.round(seconds * 1000))} ms`;
  context.warn(
    `Each sound became a picture of ${height}×${width}, its log-mel spectrogram: ${height} bands up to ${counted(Math.floor(rate / 2))} Hz, low tones at the bottom, ${length}, ${depth} dB below its loudest point. ${isKept ? 'What was heard of it is kept and can be played.' : 'The sounds themselves are not kept.'}`,
  );
  const most = Math.max(...found.map(({ header }) => header.channels));
  const channels =
    most === 1
      ? 'one channel'
      : `up to ${plural(most, 'channel')}, ${channel === null ? 'mixed together' : `of which the ${channel === 0 ? 'first' : 'second'} is heard`}`;
  const rates = found.map(({ header }) => header.rate);
  const [lowest, highest] = [Math.min(...rates), Math.max(...rates)];
  context.warn(
    lowest === highest
      ? `The sounds have ${counted(lowest)} samples a second and ${channels}.`
      : `The sounds have from ${counted(lowest)} to ${counted(highest)} samples a second and ${channels}; tones above half of its rate are missing in a sound.`,
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

/** The picture of a sound in place of it, made when it is read; what was heard goes to the keeper. */
function pictureOf(
  { source, kind, header }: Sound,
  settings: Settings,
  keeper: SoundKeeper | null,
  context: ImportContext,
): Source {
  const { height, width, rate, seconds, channel } = settings;
  const { path, where, place, rowName } = source;
  const read = async () => {
    const limit = context.limits.pictureBytes;
    if (source.size > limit)
      throw new Unreadable(`has more than ${bytesInWords(limit)}, the limit for one sound`);
    const file = await source.read(Infinity);
    const samples = await kind.samples(file, channel, Math.ceil(seconds * header.rate));
    if (samples.length === 0) throw new Unreadable('holds no samples');
    keeper?.add(rowName ?? path, header.rate, samples);
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
