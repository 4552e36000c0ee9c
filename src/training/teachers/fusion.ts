/** FFSD: common students and the fusion of their maps, trained in the student's steps. */
import { diversityLosses, elsewhere } from '../../distill/hints/ffsd/attention';
import { Converter } from '../../distill/hints/ffsd/converter';
import { selfDistillationLosses } from '../../distill/hints/ffsd/converters';
import { mutualLosses, warmUp } from '../../distill/hints/ffsd/loss';
import { meanOverLabelled } from '../../distill/objective';
import type { fusionKnobs } from '../../distill/teachers/fusion/about';
import { commonStudents, fusedStudents, fuseMaps } from '../../distill/teachers/fusion/network';
import { stagesProblem } from '../../distill/teachers/fusion/stages';
import type { ValuesOf } from '../../distill/knobs';
import type { View } from '../../distill/views';
import type { LiveTensor } from '../../engine/capture/capture';
import { constantOf } from '../../engine/constant';
import { gradientsOf } from '../../engine/gradients';
import { KeptTensors } from '../../engine/kept-tensors';
import { attentionMaps } from '../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../engine/tf';
import { describeJoined, planNetwork } from '../../nn/describe';
import type { DrivenOptimiser } from '../../nn/driven-optimiser';
import { prefixedNames } from '../../nn/layouts';
import { namedSlots } from '../../nn/named-slots';
import { Observed, type NamedArray } from '../../nn/module';
import { Network, type Trace } from '../../nn/network';
import type { FirstValues } from '../../nn/module';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import type { TeacherSlots } from '../stopped-state';
import { createOptimiser, prepareOptimiser } from '../learner';
import { builtAtOnce } from './built-at-once';
import { comparePredictions } from './compare-predictions';
import type {
  LearningTeacher,
  StudentStepData,
  Teacher,
  TeacherKindModule,
  TeacherSetup,
  TeacherState,
  TeacherSetting,
} from './teacher';

const knobsOf = ({ recipe }: Pick<TeacherSetting, 'recipe'>) =>
  recipe.teacher.knobs as ValuesOf<typeof fusionKnobs>;

/** Of the converter that a student before it moves, by its place from 0; the first student has none. */
const converterName = (place: number) => `converter${place + 2}`;

/** What a state holds beside the network. Keys are stored. */
interface FusionState {
  /** One per common student that a student before it moves. */
  converters: NamedArray[][];
  dropout: readonly number[] | null;
}

/** Definition of a common student, and of all of them joined with their fusion. */
function partsOf(setting: TeacherSetting) {
  const { network } = setting.recipe.student;
  const plan = planNetwork(network, setting.input, setting.outputs);
  if ('problem' in plan) throw new RunFailure(plan.problem, { knob: 'student.network' });
  const { stages } = plan.description.output;
  const problem = stagesProblem(network, stages);
  if (problem) throw new RunFailure(problem, { knob: 'student.network' });
  const { students } = knobsOf(setting);
  return {
    student: plan.define,
    stages,
    students,
    name: `${students} × ${network}, fused`,
    define: fusedStudents(plan.define, students, setting.outputs),
  };
}

function createNetwork(setting: TeacherSetting, values: FirstValues): Network {
  const { define, name } = partsOf(setting);
  return Network.joined(define, name, setting.input, setting.outputs, values);
}

/** A common student in a step, and the fusion: what the optimiser needs, and what the charts show. */
interface Learned {
  loss: tf.Scalar;
  told: Record<string, tf.Scalar>;
}

class FusionTeacher implements Teacher {
  readonly networks: readonly [Network];
  readonly version = null;
  readonly learning: LearningTeacher;
  private readonly setup: TeacherSetup;
  private readonly parts: ReturnType<typeof partsOf>;
  /** One for all networks: each parameter has its own update. */
  private readonly optimiser: DrivenOptimiser;
  private readonly converters: readonly Converter[];

  /** Owns the network. */
  constructor(network: Network, setup: TeacherSetup) {
    const { setting, context } = setup;
    const { seed, schedule } = setting.recipe;
    this.networks = [network];
    this.setup = setup;
    this.parts = partsOf(setting);
    this.optimiser = createOptimiser(schedule, [...network.module.trainable.values()]);
    this.converters = Array.from(
      { length: this.parts.students - 1 },
      (_, i) =>
        new Converter(
          this.parts.stages,
          RandomStream.fork(seed, `init/converter/${i + 2}`),
          `converter/${i + 2}`,
        ),
    );
    network.drop(schedule.batch, RandomStream.fork(seed, 'dropout/fusion'));
    const driven = [this.optimiser, ...this.converters.map(({ optimiser }) => optimiser)];
    this.learning = {
      get inputs(): LiveTensor[] {
        return [...driven.flatMap(({ inputs }) => inputs), ...(network.dropout?.inputs ?? [])];
      },
      prepare: (learningRate) => {
        network.dropout?.draw();
        const now = context.recipe().schedule;
        prepareOptimiser(this.optimiser, now, learningRate);
        const share = now.learningRate > 0 ? learningRate / now.learningRate : 0;
        for (const { optimiser } of this.converters) optimiser.prepare(Converter.rate * share);
      },
      step: (seen) => this.step(seen),
    };
  }

  get outputs(): number {
    return this.networks[0].outputs;
  }

  trace(images: Tensor, training: boolean): Trace {
    return this.networks[0].forward(images, { training });
  }

  async views(images: Tensor): Promise<View[]> {
    const { task } = this.setup.setting.material;
    const { students } = this.parts;
    const answers = (batch: Tensor) => this.trace(batch, false);
    const own = ({ more }: Trace, i: number) => more![`peer${i + 1}`]!;
    const all = Array.from({ length: students }, (_, i) => i);
    const predictors = [
      { name: 'Fusion', logits: (batch: Tensor) => answers(batch).logits },
      {
        name: 'Mean of the students',
        logits: (batch: Tensor) => {
          const trace = answers(batch);
          return task.averageProbabilities(all.map((i) => own(trace, i)));
        },
      },
      ...all.map((i) => ({
        name: `Common student ${i + 1}`,
        logits: (batch: Tensor) => own(answers(batch), i),
      })),
    ];
    const about = {
      title: 'Fused students',
      line: 'They start from nothing, like the student. Their mean is often the best of all, at the price of running every one of them.',
    };
    return [await comparePredictions(about, predictors, images, this.setup)];
  }

  async state(): Promise<TeacherState> {
    const [network] = this.networks;
    const driven = [this.optimiser, ...this.converters.map(({ optimiser }) => optimiser)];
    return {
      networks: [await network.module.exportState()],
      optimisers: await Promise.all(driven.map(({ optimiser }) => optimiser.state())),
      more: {
        converters: await Promise.all(this.converters.map(({ module }) => module.exportState())),
        dropout: network.dropout?.state() ?? null,
      } satisfies FusionState,
    };
  }

  async leavingSlots(): Promise<TeacherSlots> {
    const modules = this.converters.map(
      async (converter, i) => [converterName(i), await converter.slots()] as const,
    );
    return {
      descent: await namedSlots(this.optimiser.optimiser, this.networks[0].module.trainable),
      modules: Object.fromEntries(await Promise.all(modules)),
    };
  }

  /** Continues from a `state`; of a file of weights there is no more than these. */
  restore({ optimisers = [], more }: TeacherState): void {
    if (!more) return;
    const { converters, dropout } = more as FusionState;
    const driven = [this.optimiser, ...this.converters.map(({ optimiser }) => optimiser)];
    driven.forEach(({ optimiser }, i) => optimisers[i] && optimiser.restore(optimisers[i]));
    this.converters.forEach(({ module }, i) => module.loadState(converters[i]!));
    if (dropout) this.networks[0].dropout?.restore(dropout);
  }

  dispose(): void {
    this.optimiser.dispose();
    this.converters.forEach((converter) => converter.dispose());
    this.networks[0].dispose();
  }

  /** All learn on the batch as they were before it: students from each other, the fusion from them, converters from their maps. */
  private step(seen: StudentStepData): Record<string, tf.Scalar> {
    const { lambdaSelf, warmup } = knobsOf({ recipe: this.setup.context.recipe() });
    const [network] = this.networks;
    const [observed, held] = [new Observed(), new KeptTensors()];
    let stages: Tensor[][] = [];
    let told: Record<string, tf.Scalar> = {};
    try {
      const { value, gradients } = gradientsOf(() => {
        const ops = network.ops(seen.inputs.shape[0]!, { training: true, observed });
        const traces = commonStudents<Tensor>(ops, seen.inputs, this.parts.student, this.parts.students);
        stages = traces.map((trace) => trace.stages.map((map) => held.keep(map)));
        const constants = traces.map(({ logits, stages: maps }) => ({
          logits: constantOf(() => logits.clone()),
          map: constantOf(() => maps.at(-1)!.clone()) as Tensor4D,
        }));
        const learned = [
          ...traces.map((trace, i) => this.ofStudent(i, trace, constants, seen)),
          this.ofFusion(
            fuseMaps<Tensor>(
              ops,
              constants.map(({ map }) => map),
              this.outputs,
            ).logits,
            constants.map(({ logits }) => logits),
            seen,
          ),
        ];
        for (const part of learned)
          for (const [name, number] of Object.entries(part.told)) told[name] = held.keep(number);
        return learned.map(({ loss }) => loss).reduce((sum, loss) => tf.add(sum, loss));
      }, [...network.module.trainable.values()]);
      value.dispose();
      observed.absorb();
      this.optimiser.apply(gradients);
      const weight = tf.mul(warmUp(seen.progress, warmup), lambdaSelf);
      this.converters.forEach((converter, i) => converter.learn(stages[i + 1]!, weight));
      told = Object.fromEntries(Object.entries(told).map(([name, number]) => [name, number.clone()]));
      return told;
    } finally {
      observed.discard();
      held.dispose();
    }
  }

  /** CE, imitation of the others and, but for the first, where not to look, at the last map and, by a converter, before. */
  private ofStudent(
    i: number,
    { logits, stages }: Trace,
    constants: readonly { logits: Tensor; map: Tensor4D }[],
    { targets, labelled, progress }: StudentStepData,
  ): Learned {
    const { temperature, lambdaDiversity, warmup } = knobsOf({ recipe: this.setup.context.recipe() });
    const { task } = this.setup.setting.material;
    const ce = meanOverLabelled(task.losses(logits, targets), labelled);
    const others = constants.flatMap((other, j) => (j === i ? [] : [other.logits]));
    const mutual = tf.mean<tf.Scalar>(mutualLosses(logits, others, temperature));
    const both = tf.add<tf.Scalar>(ce, mutual);
    const told = { [`common students’ CE/${i + 1}`]: ce, [`common students’ KL/${i + 1}`]: mutual };
    if (i === 0) return { loss: both, told };
    const before = constants[i - 1]!.map;
    const { target, shifted } = constantPair(before);
    const map = stages.at(-1) as Tensor4D;
    const apart = tf.mean<tf.Scalar>(diversityLosses(map, target));
    const made = constantsOf(this.converters[i - 1]!.make(shifted, false));
    const self = tf.mean<tf.Scalar>(selfDistillationLosses(stages, made));
    const weight = tf.mul(warmUp(progress, warmup), lambdaDiversity);
    return {
      loss: tf.add(both, tf.mul(tf.add(apart, self), weight)),
      told: {
        ...told,
        [`attention/diversity of ${i + 1}`]: apart,
        [`attention/cosine of ${i} and ${i + 1}`]: constantOf(() => attentionCosine(before, map)),
      },
    };
  }

  /** CE, and imitation of the mean of the students' logits, which are constants. */
  private ofFusion(
    logits: Tensor,
    students: readonly Tensor[],
    { targets, labelled }: StudentStepData,
  ): Learned {
    const { temperature } = knobsOf({ recipe: this.setup.context.recipe() });
    const { task } = this.setup.setting.material;
    const ce = meanOverLabelled(task.losses(logits, targets), labelled);
    const average = constantOf(() =>
      tf.div(
        students.reduce((sum, each) => tf.add(sum, each)),
        students.length,
      ),
    );
    const imitation = tf.mean<tf.Scalar>(mutualLosses(logits, [average], temperature));
    return { loss: tf.add(ce, imitation), told: { 'fusion/CE': ce, 'fusion/KL': imitation } };
  }
}

/** `elsewhere`, as constants. */
function constantPair(map: Tensor4D): ReturnType<typeof elsewhere> {
  return {
    target: constantOf(() => elsewhere(map).target),
    shifted: constantOf(() => elsewhere(map).shifted),
  };
}

const constantsOf = (maps: readonly Tensor[]): Tensor[] => maps.map((map) => constantOf(() => map.clone()));

/** Mean cosine of where two maps [B,H,W,C] look, a scalar. */
function attentionCosine(a: Tensor4D, b: Tensor4D): tf.Scalar {
  const product = tf.mul(attentionMaps(a, 2), attentionMaps(b, 2));
  return tf.mean(tf.sum(product, 1) as Tensor1D);
}

export const fusion: TeacherKindModule = {
  plan: (setting) => {
    const { define, name } = partsOf(setting);
    const description = describeJoined(define, name, setting.input);
    if ('problem' in description) throw new RunFailure(description.problem, { knob: 'student.network' });
    return {
      networks: [{ name, description }],
      trace: description.trace,
      steps: 0,
      normalisation: null,
      notes: [
        'The common students and their fusion learn from the student’s batches and labels, in the same steps: no network is trained beforehand.',
      ],
    };
  },
  build: (setup) =>
    builtAtOnce(() => {
      const random = RandomStream.fork(setup.setting.recipe.seed, 'init/fusion');
      return new FusionTeacher(createNetwork(setup.setting, random), setup);
    }),
  restore: (setup, state) => {
    const teacher = new FusionTeacher(createNetwork(setup.setting, state.networks[0]!), setup);
    teacher.restore(state);
    return teacher;
  },
  body: (setting) => partsOf(setting).define,
  parts: (setting) => ({ kind: 'fused', students: knobsOf(setting).students }),
  leaves: ({ networks, more }) => {
    if (!more)
      throw new RunFailure(
        'The converters of the fused students are not stored, so they cannot go on elsewhere.',
      );
    const { converters } = more as FusionState;
    const beside = converters.flatMap((state, i) => prefixedNames(state, converterName(i)));
    return { networks: [[...networks[0]!, ...beside]] };
  },
};
