import { expect, test } from 'vitest';
import { logMel } from '../../../src/data/sound/log-mel';
import { labelsOf } from '../../../src/data/dataset';
import { openSounds, packSounds } from '../../../src/storage/sounds-file';
import { file, folders, joined, load, loaded, refused, text, zip } from './builders';
import { packedTone } from './packed-tones';

interface Made {
  rate?: number;
  /** 3 for floats. */
  kind?: number;
  bits?: 8 | 16 | 24 | 32;
  channels?: number;
  seconds?: number;
  before?: Uint8Array;
}

/** A WAV file of a tone; further channels are silent. */
function wav(hertz: number, made: Made = {}): Uint8Array {
  const { rate = 8000, kind = 1, bits = 16, channels = 1, seconds = 0.25, before = new Uint8Array(0) } = made;
  const count = Math.round(rate * seconds);
  const bytes = bits / 8;
  const data = new DataView(new ArrayBuffer(count * channels * bytes));
  for (let i = 0; i < count; i++) {
    const value = 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate);
    for (let c = 0; c < channels; c++) {
      const at = (i * channels + c) * bytes;
      const own = c === 0 ? value : 0;
      if (kind === 3) data.setFloat32(at, own, true);
      else if (bits === 8) data.setUint8(at, Math.round(own * 127) + 128);
      else if (bits === 16) data.setInt16(at, Math.round(own * 32767), true);
      else if (bits === 32) data.setInt32(at, Math.round(own * 2 ** 31), true);
      else {
        const whole = Math.round(own * 2 ** 23);
        data.setUint16(at, whole & 0xffff, true);
        data.setInt8(at + 2, whole >> 16);
      }
    }
  }
  const format = new DataView(new ArrayBuffer(24));
  [0x66, 0x6d, 0x74, 0x20].forEach((byte, i) => format.setUint8(i, byte));
  format.setUint32(4, 16, true);
  format.setUint16(8, kind, true);
  format.setUint16(10, channels, true);
  format.setUint32(12, rate, true);
  format.setUint16(22, bits, true);
  const size = new Uint8Array(Uint32Array.of(data.byteLength).buffer);
  const content = new Uint8Array(data.buffer);
  return joined(text('RIFF0000WAVE'), before, new Uint8Array(format.buffer), text('data'), size, content);
}

function classes(made: (n: number) => Made = () => ({})): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = {};
  for (let n = 0; n < 10; n++) {
    all[`low/${n}.wav`] = wav(300 + n, made(n));
    all[`high/${n}.wav`] = wav(2000 + n, made(n));
  }
  return all;
}

test('makes sounds in class folders pictures, and says how', async () => {
  const { report } = await loaded([file('set.zip', zip(classes()))]);
  expect(report).toMatchObject({
    outcome: 'loaded',
    train: 16,
    test: 4,
    shape: [32, 32, 1],
    classes: ['high', 'low'],
  });
  expect(report.warnings[0]).toContain('32 bands up to 4,000 Hz, low tones at the bottom, 250 ms');
  expect(report.guesses.find(({ id }) => id === 'soundRate')).toMatchObject({ value: 8000, unit: 'Hz' });
  const choices = {
    soundRate: 4000,
    soundLength: 100,
    imageHeight: 16,
    imageWidth: 20,
    soundChannels: 'first',
  };
  const stereo = zip(classes(() => ({ channels: 2 })));
  const { report: chosen } = await loaded([file('set.zip', stereo)], { choices });
  expect(chosen.shape).toEqual([16, 20, 1]);
  expect(chosen.warnings.join('\n')).toMatch(
    /16 bands up to 2,000 Hz.*100 ms[\s\S]*20 sounds are longer than 100 ms/,
  );
});

test('every kind of samples gives the same picture', async () => {
  const kinds: Made[] = [{ bits: 16 }, { bits: 24 }, { bits: 32 }, { kind: 3, bits: 32 }, { channels: 2 }];
  const list = joined(text('LIST'), new Uint8Array(Uint32Array.of(5000).buffer), new Uint8Array(5000));
  kinds.push({ before: list });
  const pictures = await Promise.all(
    kinds.map(async (kind) => {
      const { dataset } = await loaded([file('set.zip', zip(classes(() => kind)))]);
      return dataset.train.images;
    }),
  );
  for (const images of pictures.slice(1)) {
    const apart = images.reduce((most, value, i) => Math.max(most, Math.abs(value - pictures[0]![i]!)), 0);
    expect(apart).toBeLessThan(24);
  }
});

test('takes labels from a table beside the sounds', async () => {
  const entries = Object.fromEntries(
    Object.entries(classes()).map(([path, bytes]) => [`audio/${path.replace('/', '-')}`, bytes]),
  );
  const rows = Object.keys(entries).map(
    (path) => `${path.slice(6)},${path.includes('low') ? 'hum' : 'beep'}`,
  );
  const table = { 'meta/esc.csv': text(['filename,category', ...rows].join('\n')) };
  const { report } = await loaded([file('esc.zip', zip({ ...entries, ...table }))]);
  expect(report).toMatchObject({ classes: ['beep', 'hum'], train: 16, test: 4 });
});

test('leaves out what is cut off or damaged, and names other sounds', async () => {
  const entries = {
    ...classes(),
    'low/cut.wav': wav(300).subarray(0, 900),
    'low/head.wav': wav(300).subarray(0, 40),
    'low/kind.wav': wav(300, { kind: 17 }),
    'low/none.wav': wav(300, { seconds: 0 }),
    'low/a.ogg': text('OggS\0\x02......'),
  };
  const { report } = await loaded([file('set.zip', zip(entries))]);
  expect(report.trainCounts).toEqual([8, 8]);
  const whys = report.skipped.map(({ where, why }) => `${where} ${why}`).join('\n');
  expect(whys).toMatch(/cut\.wav is cut off: it has fewer samples/);
  expect(whys).toMatch(/head\.wav is a damaged WAV file/);
  expect(whys).toMatch(/kind\.wav is a WAV file with samples of kind 17/);
  expect(whys).toMatch(/none\.wav holds no samples/);
  expect(whys).toMatch(/a\.ogg is a damaged Ogg file: it ends in its first page/);
  expect((await refused([file('a.mp3', text('ID3\x04 and so on'))])).message).toContain('save it as WAV');
});

test('beside pictures are asked about; what there is more of is read', async () => {
  const shown = { ...folders(['low', 'high'], 10, 'pictures/') };
  const both = [file('set.zip', zip({ ...classes(), ...shown }))];
  const { report } = await loaded(both);
  expect(report.guesses.find(({ id }) => id === 'medium')).toMatchObject({ value: 'pictures', open: true });
  expect((await loaded(both, { choices: { medium: 'sounds' } })).report.shape).toEqual([32, 32, 1]);
  const covers = [file('set.zip', zip({ ...classes(), ...folders(['low', 'high'], 1) }))];
  const heard = (await loaded(covers)).report;
  expect(heard.guesses.find(({ id }) => id === 'medium')).toMatchObject({ value: 'sounds' });
  expect(heard).toMatchObject({ shape: [32, 32, 1], skippedCount: 2 });
});

test('a tone lies in its band at every rate, and silence is black', () => {
  const shape = { bands: 20, frames: 8, seconds: 0.5, highest: 4000 };
  // Mel of 1000 Hz is 1000; the middles of the bands lie (2146 - 32) / 21 apart above 32.
  const band = Math.round((1000 - 31.7) / ((2146.1 - 31.7) / 21)) - 1;
  for (const rate of [8000, 16_000, 44_100]) {
    const tone = Float32Array.from({ length: rate / 2 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / rate));
    const picture = logMel(tone, rate, shape);
    const column = Array.from({ length: 20 }, (_, row) => picture[row * 8 + 4]!);
    expect(column.indexOf(Math.max(...column))).toBe(19 - band);
    expect(Math.max(...picture)).toBe(255);
  }
  expect(Math.max(...logMel(new Float32Array(4000), 8000, shape))).toBe(0);
});

test('reads FLAC and Ogg Vorbis as the same sound, and keeps what was heard', async () => {
  const entries: Record<string, Uint8Array> = {};
  const [asFlac, asOgg, inOgg] = [packedTone('flac'), packedTone('ogg'), packedTone('oggFlac')];
  for (let n = 0; n < 6; n++) {
    entries[`one/${n}.flac`] = n % 2 === 0 ? inOgg : asFlac;
    entries[`two/${n}.ogg`] = asOgg;
    entries[`three/${n}.wav`] = wav(440, { rate: 8000, seconds: 0.2 });
  }
  const all = [file('set.zip', zip(entries))];
  const result = await load(all, { choices: { soundLength: 150 } });
  if (!result.dataset) throw new Error(result.report.message);
  const { report, dataset, sounds } = result;
  expect(report).toMatchObject({ outcome: 'loaded', classes: ['one', 'three', 'two'] });
  expect(report.warnings.join('\n')).toContain('The sounds have 8,000 samples a second and one channel.');
  expect(report.guesses.find(({ id }) => id === 'soundsKept')).toMatchObject({ value: 'yes' });
  const size = 32 * 32;
  const { values } = dataset.train.inputs['input']!;
  const labels = Array.from(labelsOf(dataset.train));
  const pictureOf = (label: number) => {
    const row = labels.indexOf(label);
    return values.subarray(row * size, (row + 1) * size);
  };
  // The loudest band, where a tone is: quieter ones hold what the packing left.
  const band = (picture: ArrayLike<number>) => {
    const sums = Array.from({ length: 32 }, (_, y) =>
      Array.from({ length: 20 }, (__, x) => picture[y * 32 + x]!).reduce((sum, value) => sum + value, 0),
    );
    return sums.indexOf(Math.max(...sums));
  };
  expect([0, 1, 2].map((label) => band(pictureOf(label)))).toEqual(Array(3).fill(band(pictureOf(1))));
  expect(pictureOf(0)).toEqual(pictureOf(1));
  // Packed and found again by name, as the page finds them.
  const found = (await openSounds(packSounds(sounds!)))!;
  const [lossless, lossy] = [await found.find('one/3.flac'), await found.find('two/3.ogg')];
  const original = await found.find('three/3.wav');
  expect(lossless).toEqual(original);
  expect(original).toMatchObject({ rate: 8000 });
  expect(original!.samples).toHaveLength(1200);
  const apart = lossy!.samples.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - original!.samples[i]!)),
    0,
  );
  expect(apart).toBeLessThan(0.1);
  expect(await found.find('four')).toBeNull();
  expect(await openSounds(packSounds(sounds!).slice(0, 900))).toBeNull();
  expect(await load(all, { choices: { soundsKept: 'no' } })).not.toHaveProperty('sounds');
});

test('leaves out packed sounds that are cut off or damaged, each with its cause', async () => {
  const [asFlac, asOgg] = [packedTone('flac'), packedTone('ogg')];
  const noise = asFlac.slice();
  noise.fill(0xa5, 60);
  const opus = asOgg.slice();
  opus.set(text('OpusHead'), 28);
  const entries = {
    ...classes(),
    'low/cut.flac': asFlac.subarray(0, asFlac.length - 300),
    'low/facts.flac': asFlac.subarray(0, 20),
    'low/noise.flac': noise,
    'low/cut.ogg': asOgg.subarray(0, asOgg.length - 100),
    'low/page.ogg': asOgg.subarray(0, 40),
    'low/opus.ogg': opus,
    'low/rate.ogg': asOgg.slice().fill(0, 40, 44),
    'low/song.mp3': Uint8Array.of(0xff, 0xfb, 0x90, 0x64, ...new Uint8Array(400)),
  };
  const { report } = await loaded([file('set.zip', zip(entries))]);
  const why = Object.fromEntries(report.skipped.map((one) => [one.where.replace(/.*low\//, ''), one.why]));
  expect(why).toEqual({
    'cut.flac': 'is cut off: it has fewer samples than its header states',
    'facts.flac': 'is a damaged FLAC file: it does not begin with its rate and length',
    'noise.flac': expect.stringMatching(/damaged|fewer samples/) as string,
    'cut.ogg': 'is cut off: its last page is not whole',
    'page.ogg': 'is a damaged Ogg file: it ends in its first page',
    'opus.ogg': 'is an Ogg file with Opus in it, which is not read; save it as WAV or FLAC',
    'rate.ogg': 'is a damaged Ogg file: its rate or number of channels does not exist',
    'song.mp3': 'is an MP3 sound, which is not read; save it as WAV, FLAC or Ogg Vorbis',
  });
});
