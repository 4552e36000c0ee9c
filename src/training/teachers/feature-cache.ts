/** Embeddings and logits of a frozen network on a fixed set of images, computed once and kept in memory. */
import { tf, type Tensor } from '../../engine/tf';
import type { Network } from '../../nn/network';
import { instancesPerPass } from '../evaluate';
import type { RunEvent } from '../events';
import type { TeacherSetup } from './teacher';

export class FeatureCache {
  private readonly rows: Int32Array;
  private readonly widths: { features: number; logits: number };
  /** Row of the training split to row of the cache. */
  private readonly places: Map<number, number>;
  private readonly features: Float32Array;
  private readonly logits: Float32Array;

  /** @param rows of the training split @param feature width of the network's embedding */
  constructor(rows: Int32Array, feature: number, classes: number) {
    this.rows = rows;
    this.widths = { features: feature, logits: classes };
    this.places = new Map(Array.from(rows, (row, place) => [row, place]));
    this.features = new Float32Array(rows.length * feature);
    this.logits = new Float32Array(rows.length * classes);
  }

  /** Fills the cache, one batch per element; the elements hold no events. */
  async *fill(
    network: Network,
    { setting, normalisation }: TeacherSetup,
  ): AsyncGenerator<RunEvent[], void, undefined> {
    const { source, material, input } = setting;
    const most = instancesPerPass(source.size);
    for (let start = 0; start < this.rows.length; start += most) {
      const chunk = this.rows.subarray(start, start + most);
      const pixels = source.batch(material.dataset.train, chunk, normalisation);
      const seen = tf.tidy(() => {
        const images: Tensor = tf.tensor(pixels, [chunk.length, ...input]);
        const { embedding, logits } = network.forward(images, { training: false });
        return { embedding: embedding.clone(), logits: logits.clone() };
      });
      this.features.set(await seen.embedding.data<'float32'>(), start * this.widths.features);
      this.logits.set(await seen.logits.data<'float32'>(), start * this.widths.logits);
      tf.dispose(seen);
      yield [];
    }
  }

  /** Row-major [rows*D] embeddings or [rows*C] logits of some of the rows. */
  of(what: 'features' | 'logits', rows: Int32Array): Float32Array {
    const width = this.widths[what];
    const picked = new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      const at = this.places.get(row)! * width;
      picked.set(this[what].subarray(at, at + width), i * width);
    });
    return picked;
  }
}
