/** Brings the images of another set to the one that a run studies, where its recipe takes stimuli from there. */
import { loadBundled } from '../data/bundled-sets';
import { onlyView, type Dataset, type ImageSpec, type Split } from '../data/dataset';
import { resize } from '../data/resize';
import { otherSetOf } from '../distill/material/other-sets';
import type { Recipe } from '../distill/recipe';
import { sentenceOf } from '../limits/texts';
import type { FetchAsset } from './asset-readers';
import { RunFailure } from './failure';

/** @throws RunFailure (by rejection) when the other set cannot be fetched */
export async function withOtherImages(
  dataset: Dataset,
  { material }: Pick<Recipe, 'material'>,
  fetchAsset: FetchAsset,
): Promise<Dataset> {
  const other = otherSetOf(material);
  const own = dataset.inputs[onlyView]!;
  if (other === null || own.kind !== 'image') return dataset;
  const { inputs, train } = await loadBundled(other, fetchAsset).catch((error: unknown) => {
    throw new RunFailure(`The stimuli cannot be had. ${sentenceOf(error)}`, { knob: 'material.stimuli' });
  });
  const { height, width, channels } = own;
  const values = fitted(train, inputs[onlyView] as ImageSpec, own);
  return { ...dataset, others: { images: { values, shape: [height, width, channels] }, count: train.count } };
}

/** Images in another size and as many channels, [N*H*W*C] bytes: areas averaged, grey repeated, colour as its brightness. */
function fitted({ inputs, count }: Split, from: ImageSpec, to: ImageSpec): Uint8Array {
  const pixels = inputs[onlyView]!.values as Uint8Array;
  const ownSize = from.height * from.width * from.channels;
  const size = to.height * to.width * to.channels;
  const resized = new Uint8Array(to.height * to.width * from.channels);
  const values = new Uint8Array(count * size);
  for (let row = 0; row < count; row++) {
    resize(pixels.subarray(row * ownSize, (row + 1) * ownSize), from, resized, to, from.channels);
    for (let p = 0; p < size; p++) values[row * size + p] = channelAt(resized, p, from.channels, to.channels);
  }
  return values;
}

/** Value p of an image in `to` channels. */
function channelAt(image: Uint8Array, p: number, from: number, to: number): number {
  if (from === to) return image[p]!;
  const place = Math.floor(p / to);
  if (from === 1) return image[place]!;
  const [red, green, blue] = [0, 1, 2].map((channel) => image[3 * place + channel]!);
  return Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!);
}
