/** Attention maps: the mean over channels of |f|^p, flattened and normalised to length one per image. */
import type { RawKernel } from '../webgpu-backend';
import { dot, flat, vec, widthOf } from './wgsl';

export interface Maps {
  batch: number;
  places: number;
  channels: number;
}

/** Inside the root of the squared norm, so that the gradient of an all-zero map is finite. */
const floor = 1e-24;

/** f [B,places,C] -> means over channels [B,places]; one thread per place. */
export function attentionMeans({ batch, places, channels }: Maps, p: number): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  // WGSL's pow is slow, and undefined for negative numbers.
  const power = p === 1 ? 'abs(v)' : p === 2 ? 'v * v' : `pow(abs(v), ${type}(${p}))`;
  return flat({
    name: 'attention means',
    read: [`f: ${type}`],
    write: ['means: f32'],
    threads: batch * places,
    body: `
      var sum = ${type}();
      for (var n = 0; n < ${groups}; n++) { let v = f[i * ${groups} + n]; sum += ${power}; }
      means[i] = ${dot('sum', `${type}(1)`, width)} / ${channels};`,
  });
}

/** means [B,places] -> the same divided by their norm, and the norms [B]; one thread per image. */
export function attentionLengths({ batch, places }: Maps): RawKernel {
  return flat({
    name: 'attention map',
    read: ['means: f32'],
    write: ['map: f32', 'lengths: f32'],
    threads: batch,
    body: `
      var sum = 0.0;
      for (var n = 0; n < ${places}; n++) { let v = means[i * ${places} + n]; sum += v * v; }
      let length = sqrt(max(sum, ${floor}));
      for (var n = 0; n < ${places}; n++) { map[i * ${places} + n] = means[i * ${places} + n] / length; }
      lengths[i] = length;`,
  });
}

/** dy, map [B,places], norms [B] -> gradient of the means [B,places]: the component of dy orthogonal to the map. */
export function attentionMeansGradient({ batch, places }: Maps): RawKernel {
  return flat({
    name: 'attention means gradient',
    read: ['dy: f32', 'map: f32', 'lengths: f32'],
    write: ['dmeans: f32'],
    threads: batch,
    body: `
      var along = 0.0;
      for (var n = i * ${places}; n < (i + 1) * ${places}; n++) { along += dy[n] * map[n]; }
      for (var n = i * ${places}; n < (i + 1) * ${places}; n++) { dmeans[n] = (dy[n] - map[n] * along) / lengths[i]; }`,
  });
}

/** dmeans [B,places], f [B,places,C] -> gradient of f. */
export function attentionGradient({ batch, places, channels }: Maps, p: number): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  // 1 at 0, as in the composed form.
  const sign = `select(${type}(-1), ${type}(1), v >= ${type}())`;
  const slope = p === 1 ? sign : p === 2 ? 'v' : `sign(v) * pow(abs(v), ${type}(${p - 1}))`;
  return flat({
    name: 'attention gradient',
    read: ['dmeans: f32', `f: ${type}`],
    write: [`df: ${type}`],
    threads: batch * places * groups,
    body: `
      let v = f[i];
      df[i] = dmeans[i / ${groups}] * ${p / channels} * ${slope};`,
  });
}
