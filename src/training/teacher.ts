/** Where a teacher comes from when it is not trained here, and how its answers reach the student. */
import { tf, type Tensor, type Tensor4D } from '../engine/tf';
import { rotateUpperHalf, shiftRows } from '../distill/teachers/corruption';
import { bundledTeachers, type BundledTeacherId } from '../distill/teachers/single/about';
import type { Normalisation } from '../distill/material/images';
import { Network, type Trace } from '../nn/network';
import { readSafetensors } from '../nn/safetensors';
import { RandomStream } from '../random/streams';
import type { FetchAsset } from './assets';
import { RunFailure } from './failure';

export type Corruption = 'none' | 'rotated' | 'other-images';

/** Loads a teacher that ships with the page. */
export async function loadBundledTeacher(
  id: BundledTeacherId,
  input: readonly [number, number, number],
  classes: number,
  fetchAsset: FetchAsset,
): Promise<{ network: Network; normalisation: Normalisation }> {
  const known = bundledTeachers[id];
  if (known.input.join() !== input.join() || known.classes !== classes) {
    throw new RunFailure(
      `The bundled teacher reads ${describeInput(known.input)} of ${known.classes} classes, but these images are ${describeInput(input)} of ${classes} classes. Choose “Train it here”, or another teacher.`,
      { knob: 'teacher.knobs.source' },
    );
  }
  const weights = readSafetensors(new Uint8Array(await fetchAsset(`teachers/${id}.safetensors`)));
  const network = Network.create(known.network, input, classes, RandomStream.fork(0, 'loaded'));
  network.module.loadState(weights);
  return { network, normalisation: known.normalisation };
}

function describeInput([height, width, channels]: readonly number[]): string {
  return `${height}×${width} ${channels === 1 ? 'grey' : 'colour'} images`;
}

/**
 * The frozen teacher as the student is shown it: spoiled if the recipe says so, and remembered per image where that is
 * possible (logits only, images not augmented).
 */
export class TeacherView {
  private readonly network: Network;
  private readonly corruption: Corruption;
  private readonly cache: { logits: Float32Array; known: Uint8Array } | null;

  /** @param cacheRows rows of the training split to remember logits for; 0 when hints need maps or images change. */
  constructor(network: Network, corruption: Corruption, cacheRows: number) {
    this.network = network;
    this.corruption = corruption;
    this.cache =
      cacheRows > 0
        ? { logits: new Float32Array(cacheRows * network.classes), known: new Uint8Array(cacheRows) }
        : null;
  }

  /** Logits [B,C] of images given directly, spoiled; for evaluation. Answers of other images make no sense there. */
  answers(images: Tensor4D): Tensor {
    return tf.tidy(() => {
      const { logits } = this.network.forward(images, { training: false });
      return this.corruption === 'rotated' ? rotateUpperHalf(logits) : logits;
    });
  }

  /** Whether logits are remembered; else each batch goes through the teacher. */
  get remembers(): boolean {
    return this.cache !== null;
  }

  /**
   * The teacher's own logits [B*C] of a batch, computed for those rows that were not seen before; null where they are
   * not remembered.
   * @param rows of the training split
   * @param images makes [B,H,W,C]; called only when needed, and disposed here
   */
  async remembered(rows: Int32Array, images: () => Tensor4D): Promise<Float32Array | null> {
    if (!this.cache) return null;
    const { logits, known } = this.cache;
    const classes = this.network.classes;
    if (!rows.every((row) => known[row] === 1)) {
      const fresh = tf.tidy(() => this.network.forward(images(), { training: false }).logits);
      const values = await fresh.data<'float32'>();
      fresh.dispose();
      rows.forEach((row, i) => {
        logits.set(values.subarray(i * classes, (i + 1) * classes), row * classes);
        known[row] = 1;
      });
    }
    const batch = new Float32Array(rows.length * classes);
    rows.forEach((row, i) => batch.set(logits.subarray(row * classes, (row + 1) * classes), i * classes));
    return batch;
  }

  /** The trace of a training batch as the student is shown it, in the caller's tidy. @param answers remembered logits [B,C] */
  trace(images: Tensor4D, answers: Tensor | null): Trace {
    return this.spoil(answers ? answersOnly(answers) : this.network.forward(images, { training: false }));
  }

  private spoil(trace: Trace): Trace {
    switch (this.corruption) {
      case 'none':
        return trace;
      case 'rotated':
        return { ...trace, logits: rotateUpperHalf(trace.logits) };
      case 'other-images':
        return shiftTrace(trace);
    }
  }

  dispose(): void {
    this.network.dispose();
  }
}

/** Each image gets the trace of another image of the batch. */
export function shiftTrace(trace: Trace): Trace {
  return {
    logits: shiftRows(trace.logits),
    embedding: shiftRows(trace.embedding),
    stem: shiftRows(trace.stem),
    stages: trace.stages.map(shiftRows),
    preActivations: trace.preActivations.map(shiftRows),
  };
}

/** A trace that holds nothing but answers, for hints that look at logits alone. */
function answersOnly(logits: Tensor): Trace {
  const nothing = tf.zeros([logits.shape[0]!, 1]);
  return { logits, embedding: nothing, stem: nothing, stages: [], preActivations: [] };
}
