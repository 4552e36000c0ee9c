/** The attention based fusion (ABF) of ReviewKD. */
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor4D } from '../../../engine/tf';
import { describeModule, type ParameterSpec } from '../../../nn/describe';
import { nearestResize } from '../resample';

export type Fusion = 'attention' | 'sum' | 'none';

/** One level of the review path; sides and channels without the batch axis. */
export interface Level {
  /** Parameter prefix: "level0." */
  prefix: string;
  /** [S,S,C_s] of the student */
  student: readonly number[];
  /** [O,O,C_t] of the teacher */
  teacher: readonly number[];
  middle: number;
  /** Whether a deeper level is fused in. */
  fused: boolean;
}

const entry = <T>(ops: Ops<T>, map: T, { prefix, middle }: Level): T =>
  ops.batchNorm(ops.conv(map, { name: `${prefix}conv1`, filters: middle, kernel: 1 }), `${prefix}bn1`);
const attention = <T>(ops: Ops<T>, pair: T, { prefix }: Level): T =>
  ops.conv(pair, { name: `${prefix}att`, filters: 2, kernel: 1, bias: true });
const exit = <T>(ops: Ops<T>, map: T, { prefix, teacher }: Level): T =>
  ops.batchNorm(
    ops.conv(map, { name: `${prefix}conv2`, filters: teacher[2]!, kernel: 3, padding: 1 }),
    `${prefix}bn2`,
  );

/** Parameters of one level. The two convolutions start uniform in +-sqrt(3/fanIn), the attention as PyTorch does. */
export function levelParameters(level: Level, fusion: Fusion): ParameterSpec[] {
  const [side = 1, width = 1] = level.student;
  const { parameters } = describeModule((ops) => {
    entry(ops, level.student, level);
    if (level.fused && fusion === 'attention') attention(ops, [side, width, 2 * level.middle], level);
    exit(ops, [level.teacher[0]!, level.teacher[1]!, level.middle], level);
  }, []);
  return parameters.map((spec) => {
    const { init } = spec;
    // 1/sqrt(fanIn/3) is the bound of Kaiming's uniform rule with a = 1.
    return /conv[12]\.weight$/.test(spec.name) && init.kind === 'torch-default'
      ? { ...spec, init: { ...init, fanIn: init.fanIn / 3 } }
      : spec;
  });
}

export interface Fused {
  /** [B,O,O,C_t] */
  output: Tensor4D;
  /** [B,O,O,M], for the next shallower level */
  residual: Tensor4D;
  /** [B,S,S,2]: how much of the student and of the residual goes in; null without attention. */
  attention: Tensor4D | null;
}

/**
 * x = BN(conv1(student)); fused with the residual of the deeper level at the student's side; resized to the teacher's
 * side. The residual that is passed on is taken after the resize and before conv2.
 * Source: dvlab-research/ReviewKD.
 */
export function fuse(
  ops: Ops<Tensor>,
  student: Tensor,
  residual: Tensor4D | null,
  level: Level,
  fusion: Fusion,
): Fused {
  const [, height = 1, width = 1] = student.shape;
  let x = entry(ops, student, level) as Tensor4D;
  let shares: Tensor4D | null = null;
  if (residual && fusion !== 'none') {
    const y = nearestResize(residual, height, width);
    if (fusion === 'sum') x = tf.add(x, y);
    else {
      shares = tf.sigmoid(attention(ops, tf.concat([x, y], -1), level)) as Tensor4D;
      const [a, b] = tf.split(shares, 2, -1) as [Tensor4D, Tensor4D];
      x = tf.add(tf.mul(x, a), tf.mul(y, b));
    }
  }
  x = nearestResize(x, level.teacher[0]!, level.teacher[1]!);
  return { output: exit<Tensor>(ops, x, level) as Tensor4D, residual: x, attention: shares };
}
