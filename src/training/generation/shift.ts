/** Shifts of pictures that gradients pass through, a different one for each picture of a batch: augmentation for the discriminator. */
import { liveTensor, type LiveTensor } from '../../engine/capture/capture';
import { tf, type Tensor3D, type Tensor4D } from '../../engine/tf';
import type { ImageShape } from '../../nn/describe';
import { numbersPerMove } from '../../distill/modalities/image/image-source';

/** Longest shift in pixels: one for 8×8 and 16×16, two for 28×28. */
export const shiftOf = ([height, width]: ImageShape) => Math.max(1, Math.round(Math.max(height, width) / 16));

export class LiveShift {
  private readonly down: LiveTensor<Tensor3D>;
  private readonly right: LiveTensor<Tensor3D>;

  constructor(batch: number, [height, width]: ImageShape) {
    this.down = liveTensor([batch, height, height]);
    this.right = liveTensor([batch, width, width]);
  }

  get inputs(): LiveTensor[] {
    return [this.down, this.right];
  }

  /** Before a step. @param moves from `drawMoves`; nothing is mirrored */
  write(moves: Int32Array): void {
    this.down.write(shiftMatrices(moves, 0, this.down.tensor.shape));
    this.right.write(shiftMatrices(moves, 1, this.right.tensor.shape));
  }

  /** The pictures [B,H,W,C] moved, black where nothing was; in the step's tidy. */
  of(pictures: Tensor4D): Tensor4D {
    const [batch, height, width, channels] = pictures.shape;
    const rows = tf.reshape(pictures, [batch, height, width * channels]);
    const lowered = tf.reshape(tf.matMul(this.down.tensor, rows), [batch, height, width, channels]);
    const turned = tf.reshape(tf.transpose(lowered, [0, 2, 1, 3]), [batch, width, height * channels]);
    const moved = tf.reshape(tf.matMul(this.right.tensor, turned as Tensor3D), [
      batch,
      width,
      height,
      channels,
    ]);
    return tf.transpose(moved, [0, 2, 1, 3]) as Tensor4D;
  }

  dispose(): void {
    this.down.dispose();
    this.right.dispose();
  }
}

/** [B,side,side], 1 at (to, from): where each line comes from. @param axis 0 for down, 1 for right */
function shiftMatrices(
  moves: Int32Array,
  axis: 0 | 1,
  [batch, side]: readonly [number, number, number],
): Float32Array {
  const matrices = new Float32Array(batch * side * side);
  for (let i = 0; i < batch; i++) {
    const by = moves[i * numbersPerMove + axis]!;
    for (let to = Math.max(0, by); to < Math.min(side, side + by); to++)
      matrices[(i * side + to) * side + to - by] = 1;
  }
  return matrices;
}
