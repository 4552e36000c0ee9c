/** A training step to be measured: one definition for every way to run it. */
import { hintLosses } from '../../../src/distill/hints/fitnet/loss';
import { regress } from '../../../src/distill/hints/fitnet/regressor';
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { crossEntropies } from '../../../src/distill/objective';
import { meanCrossEntropy } from '../../../src/engine/loss-ops';
import { liveTensor, type LiveTensor } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { objectiveOf, sideBySide } from '../../../src/engine/loss-ops';
import { tf, type Scalar, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { describeModule } from '../../../src/nn/describe';
import { DrivenOptimiser } from '../../../src/nn/driven-optimiser';
import { Module, Observed } from '../../../src/nn/module';
import { Network, type Trace } from '../../../src/nn/network';
import { Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';
import type { Start } from '../peers/protocol';

export interface EngineCase {
  name: string;
  student: string;
  /** If given: CE + T^2 KL + feature hint from this network, frozen, its pass in every step. */
  teacher: string | null;
  side: number;
  channels: number;
  batch: number;
}

const classes = 10;

/** Last maps of students and teachers here have the same sides. */
const pointwise = { kind: 'conv', kernel: 1, stride: 1, padding: 0 } as const;

/** SGD with momentum on one batch, which is written before every step as in a run. */
export class Training {
  private readonly student: Network;
  private readonly teacher: Network | null;
  private readonly regressor: Module | null;
  /** Channels of the teacher's last map. */
  private readonly hinted: number;
  private readonly optimiser: DrivenOptimiser;
  private readonly variables: tf.Variable[];
  private readonly images: LiveTensor<Tensor4D>;
  private readonly labels: LiveTensor<Tensor2D>;
  private readonly weights: LiveTensor<Tensor2D>;
  private readonly pixels: Float32Array;
  private readonly oneHot: Float32Array;

  constructor({ student, teacher, side, channels, batch }: EngineCase) {
    const random = RandomStream.fork(1, 'bench');
    const input = [side, side, channels] as const;
    this.student = Network.create(student, input, classes, random);
    this.teacher = teacher === null ? null : Network.create(teacher, input, classes, random);
    this.pixels = Float32Array.from({ length: batch * side * side * channels }, () => random.normal());
    this.oneHot = Float32Array.from({ length: batch * classes }, (_, i) =>
      Number(Math.floor(i / classes) % classes === i % classes),
    );
    this.images = liveTensor([batch, ...input]);
    this.labels = liveTensor([batch, classes]);
    this.weights = liveTensor([1, 2]);
    this.weights.write([0.9, 0.1]);
    this.hinted = this.teacher ? this.lastMapOf(this.teacher)[3]! : 0;
    this.regressor =
      this.teacher &&
      Module.create(
        describeModule(
          (ops, map) => regress(ops, map!, pointwise, this.hinted),
          [this.lastMapOf(this.student).slice(1)],
        ).parameters,
        random,
        'regressor',
      );
    this.variables = [
      ...this.student.module.trainable.values(),
      ...(this.regressor?.trainable.values() ?? []),
    ];
    const options = { momentum: 0.9, nesterov: false, weightDecay: 5e-4 };
    this.optimiser = new DrivenOptimiser(new Sgd(this.variables, options));
  }

  /** Complete after the first `prepare`. */
  get inputs(): LiveTensor[] {
    return [this.images, this.labels, this.weights, ...this.optimiser.inputs];
  }

  /** Memory of the batch, which belongs to no pool. */
  get inputBytes(): number {
    return this.pixels.byteLength + this.oneHot.byteLength;
  }

  /** Number of trained parameters, including the regressor's. */
  get parameters(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }

  /** What the training begins with, to be handed to another framework. */
  async start(): Promise<Start> {
    const numbers = async (tensor: tf.Tensor) => ({
      shape: tensor.shape,
      values: [...(await tensor.data<'float32'>())],
    });
    const frozen = this.teacher ? [...this.teacher.module.trainable.values()] : [];
    return {
      pixels: [...this.pixels],
      trained: await Promise.all(this.variables.map(numbers)),
      teacher: await Promise.all(frozen.map(numbers)),
    };
  }

  /** Waits until the constructor's computations are done and their memory is freed. */
  async settle(): Promise<void> {
    await this.variables[0]!.data();
  }

  /** Before each step. */
  prepare(): void {
    this.images.write(this.pixels);
    this.labels.write(this.oneHot);
    this.optimiser.prepare(0.01);
  }

  /** The step; in a tidy of the caller's. */
  readonly compute = (): { loss: Scalar } => {
    const observed = new Observed();
    const taught = this.teacher?.forward(this.images.tensor, { training: false }) ?? null;
    const { value, gradients } = gradientsOf(() => this.objective(taught, observed), this.variables);
    observed.absorb();
    this.optimiser.apply(gradients);
    return { loss: value };
  };

  dispose(): void {
    this.optimiser.dispose();
    this.regressor?.dispose();
    this.teacher?.dispose();
    this.student.dispose();
    this.images.dispose();
    this.labels.dispose();
    this.weights.dispose();
  }

  private objective(taught: Trace | null, observed: Observed): Scalar {
    const { logits, stages } = this.student.forward(this.images.tensor, { training: true, observed });
    const count = logits.shape[0]!;
    if (!taught || !this.regressor) return meanCrossEntropy(logits, this.labels.tensor, count);
    const ce = crossEntropies(logits, this.labels.tensor);
    const ops = this.regressor.ops({ training: true, observed });
    const regressed = regress(ops, stages.at(-1)!, pointwise, this.hinted);
    const kd = kdLosses(logits, taught.logits as Tensor2D, 4);
    const hint = hintLosses(regressed, taught.stages.at(-1)!);
    const losses = sideBySide([kd, hint]);
    return objectiveOf({ ce, count, factor: 0.9 }, { losses, weights: this.weights.tensor }).total;
  }

  private lastMapOf(network: Network): number[] {
    return tf.tidy(() => network.forward(this.images.tensor, { training: false }).stages.at(-1)!.shape);
  }
}
