import { liveTensor } from '../../../engine/capture/capture';
import { constantOf } from '../../../engine/constant';
import { gradientsOf } from '../../../engine/gradients';
import { softmaxCrossEntropy } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import { describeModule } from '../../../nn/describe';
import { DrivenOptimiser } from '../../../nn/driven-optimiser';
import { mapName } from '../../../nn/map-groups';
import { Module, type NamedArray } from '../../../nn/module';
import type { Network, Trace } from '../../../nn/network';
import { Adam } from '../../../nn/optimisers';
import type { RandomStream } from '../../../random/streams';
import { leavingValuesOf } from '../leaving-values';
import type { HintContext, HintSetup, Prelude } from '../hint';
import { sumOf } from '../sums';
import { searchStepsOf, type dfaKnobs } from './about';
import type { CommonGroup } from './groups';
import { aggregate, bridgeLosses, mixWeights, toTeacherLosses } from './loss';

type Context = HintContext<typeof dfaKnobs>;
type Setup = HintSetup<typeof dfaKnobs>;

/** The teacher's maps of a group, out of its trace. */
export const mapsOf = ({ more = {} }: Trace, { group, maps }: CommonGroup): Tensor[] =>
  Array.from({ length: maps }, (_, j) => more[mapName(group, j)]!);

/** What the charts and the view call map `j` of a group. */
export const mapLabel = ({ group }: CommonGroup, j: number): string => `${group + 1}.${j + 1}`;

/** How often the mix is written down in a search. */
const snapshots = 10;

/** 1 for images of the validation half, 0 for the training half, -1 without a label; halves are alike in their classes. */
export function halvesOf(labels: Int32Array, random: RandomStream): Int8Array {
  const rows = random.shuffle(Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0));
  const halves = new Int8Array(labels.length).fill(-1);
  [...rows].sort((a, b) => labels[a]! - labels[b]!).forEach((row, i) => (halves[row] = i % 2));
  return halves;
}

/**
 * The search for the mix: beta minimises the bridge loss on the validation half of the labelled images, a copy of the
 * student and its connectors minimise it on the training half, in turns within each step, first order. All groups at
 * once. Source: Guan et al. 2020 as read in notes; softmax, first order and searching all groups at once are our choice.
 */
export class Search {
  /** Of the mix. */
  readonly optimiser: DrivenOptimiser;
  readonly prelude: Prelude<typeof dfaKnobs>;
  private readonly groups: readonly { of: CommonGroup; beta: tf.Variable }[];
  private readonly network: Network;
  private readonly connectors: Module;
  private readonly halves: Int8Array;
  private readonly steps: number;
  private readonly bridge: boolean;
  /** [B] weights of the images, so that a mean over the batch is one over its half. */
  private readonly validation;
  private readonly training;
  /** [R,1] 1 at the row of `history` that is written. */
  private readonly row;
  /** [R,M] weights of all maps over the search. */
  private readonly history: tf.Variable;

  /** @param groups of more than one map, at least one; their `beta` stays the caller's */
  constructor(
    groups: Search['groups'],
    setup: Pick<Setup, 'knobs' | 'random' | 'scope' | 'batch' | 'poolLabels' | 'newStudent'>,
  ) {
    const { knobs, random, scope, batch, poolLabels, newStudent } = setup;
    this.groups = groups;
    this.bridge = knobs.bridge;
    this.steps = searchStepsOf(knobs);
    this.halves = halvesOf(poolLabels, random);
    this.network = newStudent(random);
    const { parameters } = describeModule((ops) => {
      for (const { of } of groups) {
        const { student, teacher } = of.channels;
        const map = (channels: number) => [...of.sides, channels];
        ops.conv(map(student), { name: `toTeacher${of.group}`, filters: teacher, kernel: 1 });
        if (this.bridge)
          ops.conv(map(teacher), { name: `toStudent${of.group}`, filters: student, kernel: 1 });
      }
    }, []);
    this.connectors = Module.create(parameters, random, `${scope}/search`);
    this.optimiser = new DrivenOptimiser(
      new Adam(
        groups.map(({ beta }) => beta),
        { weightDecay: 0 },
      ),
    );
    this.validation = liveTensor<Tensor1D>([batch]);
    this.training = liveTensor<Tensor1D>([batch]);
    const rows = Math.min(snapshots, this.steps);
    this.row = liveTensor<Tensor2D>([rows, 1]);
    const maps = groups.reduce((sum, { of }) => sum + of.maps, 0);
    this.history = variableOf(() => tf.zeros([rows, maps]), false, `${scope}/history`);
    this.prelude = {
      text: 'A copy of the student searches for the mix of the teacher’s maps.',
      variables: () => [...this.network.module.trainable.values(), ...this.connectors.trainable.values()],
      learningRate: (highest) => highest,
      prepare: ({ rows: drawn, step }, { betaRate }) => this.prepare(drawn, step, betaRate),
      before: (teacher, context) => this.moveMix(teacher, context),
      losses: (_student, teacher, context) => this.losses(teacher, context),
    };
  }

  get inputs() {
    return [this.validation, this.training, this.row];
  }

  /** All that goes on from step to step, without the betas. */
  get variables(): tf.Variable[] {
    return [...this.network.module.trainable.values(), ...this.connectors.trainable.values(), this.history];
  }

  /** Of the copy of the student and its connectors; `search.halves` says which half each row of the pool is of. */
  async leaves(): Promise<NamedArray[]> {
    const halves = Float32Array.from(this.halves);
    return [
      ...(await leavingValuesOf({
        'search.student': this.network.module,
        'search.connectors': this.connectors,
      })),
      { name: 'search.halves', shape: [halves.length], data: halves },
    ];
  }

  /** The mix over the search: [R,M], and the steps after which it was written down. */
  get course(): { steps: number[]; weights: tf.Variable } {
    const rows = this.history.shape[0]!;
    const steps = Array.from({ length: rows }, (_, r) => Math.ceil(((r + 1) * this.steps) / rows));
    return { steps, weights: this.history };
  }

  dispose(): void {
    for (const input of this.inputs) input.dispose();
    this.history.dispose();
    this.optimiser.dispose();
    this.connectors.dispose();
    this.network.dispose();
  }

  private prepare(drawn: Int32Array, step: number, rate: number): void {
    const weights = (half: number) => {
      const count = drawn.reduce((sum, row) => sum + Number(this.halves[row] === half), 0);
      return Array.from(drawn, (row) => (this.halves[row] === half ? drawn.length / count : 0));
    };
    this.validation.write(weights(1));
    this.training.write(weights(0));
    const rows = this.history.shape[0]!;
    const now = Math.floor(((step - 1) * rows) / this.steps);
    this.row.write(Array.from({ length: rows }, (_, r) => Number(r === now)));
    this.optimiser.prepare(rate);
  }

  /** The first half of a step: beta, on the validation half. */
  private moveMix(teacher: Trace, context: Context): void {
    const student = this.network.forward(context.inputs, { training: true });
    const { value, gradients } = gradientsOf(
      () => {
        const losses = this.parts(student, teacher, context).map((part) =>
          bridgeLosses({ ...part, logits: null }, context.knobs),
        );
        return tf.mean<tf.Scalar>(tf.mul(sumOf(losses), this.validation.tensor));
      },
      this.groups.map(({ beta }) => beta),
    );
    value.dispose();
    this.optimiser.apply(gradients);
    const alphas = tf.concat(this.groups.map(({ beta }) => mixWeights(beta)));
    const written = tf.mul(this.row.tensor, tf.expandDims(alphas, 0));
    this.history.assign(tf.add(tf.mul(this.history, tf.sub(1, this.row.tensor)), written));
  }

  /** The second half: copy and connectors, on the training half, [B]. */
  private losses(teacher: Trace, context: Context): Tensor1D {
    const student = this.network.forward(context.inputs, { training: true });
    const parts = this.parts(student, teacher, context);
    this.tell(parts, context);
    const losses = parts.map((part, first) =>
      bridgeLosses({ ...part, logits: first === 0 ? student.logits : null }, context.knobs),
    );
    return tf.mul(sumOf(losses), this.training.tensor);
  }

  /** Both paths of each group; without the bridge the later layers are left out. */
  private parts({ stages }: Trace, teacher: Trace, { inputs, targets }: Context) {
    const ops = this.connectors.ops({ training: true });
    return this.groups.map(({ of, beta }) => {
      const map = stages[of.stage]!;
      const { student, teacher: theirs } = of.channels;
      const mixed = aggregate(mapsOf(teacher, of), mixWeights(beta));
      const connect = (x: Tensor, name: string, filters: number) =>
        ops.conv(x, { name: `${name}${of.group}`, filters, kernel: 1 });
      const fed = this.bridge && {
        stage: of.stage,
        map: connect(mixed, 'toStudent', student),
      };
      return {
        toTeacher: toTeacherLosses(mixed, connect(map, 'toTeacher', theirs)),
        bridged: fed ? this.network.logitsFrom(fed, inputs, { training: true }) : null,
        labels: targets as Tensor,
      };
    });
  }

  private tell(parts: ReturnType<Search['parts']>, { probe }: Context): void {
    if (!probe) return;
    const mean = (losses: Tensor1D[]) => tf.mean<tf.Scalar>(tf.mul(sumOf(losses), this.training.tensor));
    probe(
      'student to teacher',
      constantOf(() => mean(parts.map(({ toTeacher }) => toTeacher))),
    );
    const fed = parts.flatMap(({ bridged, labels }) => (bridged ? [{ bridged, labels }] : []));
    if (fed.length > 0)
      probe(
        'teacher to student',
        constantOf(() => mean(fed.map(({ bridged, labels }) => softmaxCrossEntropy(bridged, labels)))),
      );
    for (const { of, beta } of this.groups)
      for (let j = 0; j < of.maps; j++)
        probe(
          `mix ${mapLabel(of, j)}`,
          constantOf(() => tf.reshape(tf.slice(mixWeights(beta), [j], [1]), []) as tf.Scalar),
        );
  }
}
