import { liveTensor } from '../../../engine/capture/capture';
import { KeptTensors } from '../../../engine/kept-tensors';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { untaped } from '../../../engine/untaped';
import { RandomStream } from '../../../random/streams';
import type { HintContext, HintFactory, MethodViewTensors } from '../hint';
import { targetsOf } from '../targets';
import { attack } from './attack';
import type { bssKnobs } from './about';
import { bssLosses, ratiosAt, softened } from './loss';
import { baseImages, drawnClasses, topClass } from './select';

type Context = HintContext<typeof bssKnobs>;

/** Images of a batch that were moved; all constants. A type, not an interface, so that `tf.tidy` can hand it out. */
type Moved = {
  /** [n] int32, rows of the batch */
  index: Tensor1D;
  /** [n] 1 where both networks are right, else the row only fills up */
  valid: Tensor1D;
  /** [n,...] before and after */
  base: Tensor;
  border: Tensor;
  /** [n,C] the teacher's logits after the move */
  teacher: Tensor2D;
  /** [n] 1 where the teacher's top class has changed */
  crossed: Tensor1D;
};

/**
 * Boundary supporting samples. A batch always moves the same number of images, so that the step keeps its shape; rows
 * without a right image weigh 0. The student sees moved images in a pass of its own, which leaves its running statistics
 * alone (our choice: the authors' code lets them move).
 */
export const createBss: HintFactory<typeof bssKnobs> = ({ knobs, batch, pair, range }) => {
  const most = Math.min(knobs.attacked, batch);
  const uniform = liveTensor<Tensor1D>([most]);
  const limit = (values: readonly number[]) =>
    values.length === 1 ? tf.scalar(values[0]!) : tf.tensor2d([...values], [1, values.length]);
  const held = new KeptTensors();
  let last: { inputs: Tensor; moved: Moved } | null = null;
  const forget = () => {
    held.dispose();
    last = null;
  };

  /** The images that the loss moves, which are the same for all passes over a batch. */
  const movedOf = (student: Tensor, teacher: Tensor, context: Context): Moved => {
    const { inputs, targets, training, observed, knobs: live } = context;
    if (last?.inputs === inputs && !last.moved.border.isDisposed) return last.moved;
    forget();
    const images = inputs.shape[0]!;
    const drawn = training && images === batch;
    const moved = untaped(() => {
      // Of images that are no batch, all that both get right are moved.
      const { index, valid } = baseImages(
        student,
        teacher,
        targetsOf(targets, teacher),
        drawn ? most : images,
      );
      const towards = drawnClasses(tf.gather(teacher, index), drawn ? uniform.tensor : fixedUniform(images));
      const base = tf.gather(inputs, index);
      const ask = context.ask!;
      const border = attack(ask.teacher, base, towards, {
        steps: live.attackSteps,
        eta: live.eta,
        low: limit(range.low),
        high: limit(range.high),
      });
      const [before, after] = [ask.teacher(base), ask.teacher(border)] as [Tensor2D, Tensor2D];
      const same = tf.sum(tf.mul(topClass(before), topClass(after)), 1);
      return {
        index,
        valid,
        base,
        border,
        teacher: ask.shown(after) as Tensor2D,
        crossed: tf.sub(1, same) as Tensor1D,
      };
    });
    if (observed) for (const tensor of Object.values(moved)) held.keep(tensor);
    last = { inputs, moved };
    return moved;
  };

  return {
    module: null,
    inputs: [uniform],
    prepare: ({ random }) => uniform.write(Float32Array.from({ length: most }, () => random.uniform())),
    losses: (student, teacher, context) => {
      const { knobs: live, progress, probe } = context;
      const moved = movedOf(student.logits, teacher.logits, context);
      const ratios = ratiosAt(progress, live);
      if (probe) tellProbes(probe, moved, ratios);
      return bssLosses(
        {
          plain: softened(student.logits, teacher.logits, live.temperature),
          moved: softened(context.ask!.student(moved.border).logits, moved.teacher, live.temperature),
          index: moved.index,
          valid: moved.valid,
        },
        ratios,
      );
    },
    afterStep: forget,
    view: (student, teacher, context) =>
      viewOf(movedOf(student.logits, teacher.logits, context), context, pair.input === 'image'),
    dispose: () => {
      forget();
      uniform.dispose();
    },
  };
};

/** The same numbers each time, for images that are no batch. [n] */
function fixedUniform(images: number): Tensor1D {
  const random = RandomStream.fork(1, 'bss/watched');
  return tf.tensor1d(Float32Array.from({ length: images }, () => random.uniform()));
}

function tellProbes(
  probe: (name: string, value: tf.Scalar) => void,
  { base, border, valid, crossed }: Moved,
  { r1, r2 }: { r1: tf.Scalar; r2: tf.Scalar },
): void {
  const count = tf.sum(valid);
  const mean = (of: Tensor) => tf.div<tf.Scalar>(tf.sum(tf.mul(of, valid)), tf.maximum(count, 1));
  const length = (of: Tensor) => tf.sqrt(tf.sum(tf.reshape(tf.square(of), [of.shape[0]!, -1]), 1));
  probe('moved images/in the batch', count as tf.Scalar);
  probe('boundary/share that crossed it', mean(crossed));
  probe('boundary/relative distance', mean(tf.div(length(tf.sub(border, base)), length(base))));
  probe('weight/soft targets', r1);
  probe('weight/boundary', r2);
}

/** Each tracked image before and after its move, in the order of the tracked images. */
function viewOf(moved: Moved, { inputs, ask }: Context, pictures: boolean): MethodViewTensors {
  const { index, valid, base, border } = moved;
  const images = inputs.shape[0]!;
  const place = tf.cast(tf.oneHot(index, images), 'float32') as Tensor2D;
  const inOrder = (of: Tensor): Tensor => {
    const rows = tf.matMul(place, tf.reshape(of, [images, -1]) as Tensor2D, true);
    return tf.reshape(rows, inputs.shape);
  };
  // Images that one of the two gets wrong are not moved by the loss.
  const right = tf.reshape(valid, [images, ...inputs.shape.slice(1).map(() => 1)]);
  const end = inOrder(tf.add(base, tf.mul(tf.sub(border, base), right)));
  const [height, width] = inputs.shape.slice(1) as [number, number];
  const grey = (of: Tensor) => tf.reshape(tf.mean(of, -1), [images, height, width]);
  const bars = (label: string, of: Tensor): MethodViewTensors['panels'] => {
    const panel = (who: 'teacher' | 'student', logits: Tensor) => ({
      label,
      who,
      kind: 'bars' as const,
      values: tf.softmax(logits as Tensor2D),
    });
    return [panel('teacher', ask!.teacher(of)), panel('student', ask!.student(of).logits)];
  };
  return {
    line: 'What the loss moves: what both networks get right, until the teacher’s top class changes. Small changes lead across its boundary; the others stay as they are.',
    panels: [
      ...(pictures
        ? [
            { label: 'At the boundary', who: null, kind: 'maps' as const, values: grey(end) },
            {
              label: 'Change',
              who: 'difference' as const,
              kind: 'maps' as const,
              values: grey(tf.sub(end, inputs)),
            },
          ]
        : []),
      ...bars('Probabilities, as it is', inputs),
      ...bars('Probabilities, at the boundary', end),
    ],
    ...(pictures ? {} : { moves: tf.stack([inputs, end], 1) }),
  };
}
