/**
 * Schemas for the parts of a run. A correct checksum shows that a part is unchanged since it was written; the schema
 * shows that it is valid. The shapes are those of `events.ts` and `views.ts`; data sets are in `set-contents.ts`.
 */
import * as z from 'zod/mini';
import { readRecipe } from '../distill/recipe';
import { mostCharacters } from '../limits/texts';
import type { LogEntry } from './event-log';
import type { ImportedTeacher, TeacherFile } from './schema';

const most = { classes: 10_000, images: 1_000_000, side: 16_384, names: 1000, count: 2 ** 40 };

/** Older pages allowed longer names than today. */
const text = z.string().check(z.maxLength(mostCharacters.sentence));
const count = z.int().check(z.nonnegative(), z.maximum(most.count));
/** Losses may be NaN or infinite. */
const number = z.custom<number>((value) => typeof value === 'number');
const phase = z.enum(['teacher', 'generator', 'prelude', 'student']);
const backend = z.enum(['webgpu', 'wasm', 'webgl', 'cpu']);
const learner = z.enum(['teacher', 'student', 'control', 'hard', 'full', 'rounded']);
const numbers = z.custom<ArrayLike<number>>(isNumbers);
const few = <T>(values: Record<string, T>) => Object.keys(values).length <= most.names;
const byName = <T extends z.ZodMiniType>(values: T) => z.record(text, values).check(z.refine(few));
const byLearner = <T extends z.ZodMiniType>(values: T) => z.partialRecord(learner, values);
const sentences = z.array(text).check(z.maxLength(most.names));
const side = count.check(z.minimum(1), z.maximum(most.side));

function isNumbers(value: unknown): boolean {
  if (ArrayBuffer.isView(value))
    return (
      !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
    );
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

const sampledPictures = z.object({ pixels: z.instanceof(Uint8Array), ratios: numbers });

const columns = z
  .object({
    type: z.literal('steps'),
    phase,
    steps: z.instanceof(Int32Array),
    learningRates: numbers,
    values: byName(numbers),
  })
  .check(
    z.refine(
      ({ steps, learningRates, values }) =>
        steps.every((step) => step >= 0) &&
        [learningRates, ...Object.values(values)].every(({ length }) => length === steps.length),
    ),
  );

const task = z.enum(['classification', 'regression', 'multilabel']);

const facts = z.object({
  task: z.optional(task),
  targets: z.optional(
    z
      .object({ names: z.array(text).check(z.minLength(1), z.maxLength(most.classes)), units: z.array(text) })
      .check(z.refine(({ names, units }) => names.length === units.length)),
  ),
  dataset: z.object({
    id: text,
    title: text,
    classes: z.array(text).check(z.maxLength(most.classes)),
    shape: z.union([z.tuple([side, side, side]), z.tuple([side])]),
  }),
  trainedIn: z.optional(text),
  // Older pages did not include all of them.
  labelled: z.optional(count),
  unlabelled: z.optional(count),
  meta: z.optional(count),
  validation: z.optional(count),
  test: z.optional(count),
  wrongLabels: z.optional(count),
  extraParameters: z.optional(count),
  teacherSteps: z.optional(count),
  generatorSteps: z.optional(count),
  generated: z.optional(z.enum(['labelled', 'unlabelled'])),
  preludeSteps: z.optional(count),
  studentSteps: z.optional(count),
  memory: z.optional(count),
  networks: z.array(
    z.object({
      role: z.enum(['teacher', 'student']),
      name: text,
      parameters: count,
      multiplyAdds: count,
      activationBytes: count,
      largestBytes: z.optional(z.object({ map: count, parameter: count })),
      bits: z.optional(count),
    }),
  ),
  notes: sentences,
});

const scores = byName(byLearner(number));
const perTarget = byName(byLearner(numbers));

const reliability = byLearner(
  z
    .object({ counts: numbers.check(z.minLength(1)), confidence: numbers, accuracy: numbers })
    .check(
      z.refine(({ counts, confidence, accuracy }) =>
        [confidence, accuracy].every(({ length }) => length === counts.length),
      ),
    ),
);
const furtherScores = {
  further: z.optional(scores),
  reliability: z.optional(reliability),
  fidelity: z.optional(perTarget),
};

const label = z.int().check(z.minimum(-1));

const stack = z.object({
  height: count.check(z.maximum(most.side)),
  width: count.check(z.maximum(most.side)),
  channels: count.check(z.maximum(most.side)),
  pixels: z.instanceof(Uint8Array),
});

/** Whether a stack holds so many pictures. */
const holds = ({ height, width, channels, pixels }: z.infer<typeof stack>, pictures: number) =>
  height > 0 && width > 0 && channels > 0 && pixels.length === pictures * height * width * channels;

const watched = z
  .object({
    images: z.array(z.object({ index: count, trueLabel: label, givenLabel: label, name: z.optional(text) })),
    ...stack.shape,
    student: z.optional(stack),
    vectors: z.optional(
      z.object({ names: z.array(text).check(z.minLength(1)), values: z.instanceof(Float32Array) }),
    ),
    targets: z.optional(z.object({ truth: z.instanceof(Float32Array), given: z.instanceof(Float32Array) })),
  })
  .check(
    z.refine(({ images, vectors, student, ...shown }) =>
      vectors
        ? shown.pixels.length === 0 && vectors.values.length === images.length * vectors.names.length
        : holds(shown, images.length) && (!student || holds(student, images.length)),
    ),
  );

const looked = z.object({
  label: text,
  who: z.nullable(z.enum(['teacher', 'student', 'difference'])),
  kind: z.enum(['maps', 'matrix', 'bars', 'levels']),
  shape: z.array(count).check(z.minLength(2), z.maxLength(3)),
  values: z.instanceof(Float32Array),
  rows: z.optional(z.array(text)),
  columns: z.optional(z.array(text)),
  over: z.optional(z.literal('classes')),
});

const range = z.object({ low: number, high: number });

const view = z.discriminatedUnion('view', [
  z
    .object({
      view: z.literal('route'),
      title: text,
      task: z.optional(task),
      states: z.array(z.object({ epoch: number, accuracy: number })),
      anchors: z.array(z.object({ state: count, fromStep: z.nullable(count), why: text })),
      criterion: z.nullable(z.object({ label: text, values: z.array(z.nullable(number)), limit: number })),
      student: z.array(z.object({ step: count, accuracy: number, gaps: numbers })),
    })
    .check(z.refine(({ states, anchors }) => anchors.every(({ state }) => state < states.length))),
  z
    .object({
      view: z.literal('answers'),
      title: text,
      line: text,
      names: z.array(text),
      task: z.optional(task),
      classes: count,
      probabilities: z.array(numbers),
      covers: z.array(z.nullable(z.array(count))),
      accuracy: z.array(z.nullable(z.object({ own: number, others: z.nullable(number) }))),
    })
    .check(
      z.refine(({ names, probabilities, covers, accuracy }) =>
        [probabilities, covers, accuracy].every(({ length }) => length === names.length),
      ),
    ),
  z.object({
    view: z.literal('look'),
    title: text,
    line: text,
    panels: z
      .array(looked)
      .check(
        z.refine((panels) =>
          panels.every(({ shape, values }) => shape.reduce((size, n) => size * n, 1) === values.length),
        ),
      ),
  }),
  z.object({
    view: z.literal('weights'),
    title: text,
    line: text,
    layers: z.array(
      z.object({
        name: text,
        range: number,
        shares: numbers,
        levels: z.array(z.object({ at: number, share: number })),
        used: count,
        zeros: number,
      }),
    ),
    more: count,
    activations: z.array(z.object({ after: text, above: number })),
  }),
  z
    .object({
      view: z.literal('domains'),
      title: text,
      points: z.instanceof(Float32Array),
      target: z.instanceof(Uint8Array),
      labels: z.instanceof(Int16Array),
    })
    .check(
      z.refine(
        ({ points, target, labels }) =>
          points.length === 2 * target.length && target.length === labels.length,
      ),
    ),
  z
    .object({
      view: z.literal('stimuli'),
      title: text,
      count,
      height: count.check(z.maximum(most.side)),
      width: count.check(z.maximum(most.side)),
      channels: count.check(z.maximum(most.side)),
      pixels: z.instanceof(Uint8Array),
      probabilities: z.instanceof(Float32Array),
      histogram: numbers.check(z.minLength(1)),
      effectiveClasses: number,
      entropy: number,
      information: number,
    })
    .check(
      z.refine(
        ({ height, width, channels, pixels, probabilities, histogram }) =>
          pixels.length * histogram.length === probabilities.length * height * width * channels,
      ),
    ),
  z
    .object({
      view: z.literal('generated'),
      title: text,
      height: count.check(z.maximum(most.side)),
      width: count.check(z.maximum(most.side)),
      channels: count.check(z.maximum(most.side)),
      names: z.array(text),
      steps: z.array(count),
      pixels: z.instanceof(Uint8Array),
      agreement: numbers,
      unit: z.optional(text),
      sampled: z.optional(
        z.object({ draws: count, kept: count, accepted: sampledPictures, rejected: sampledPictures }),
      ),
      filtered: z.optional(
        z
          .object({
            measure: z.enum(['cross-entropy', 'error']),
            high: number,
            kept: numbers,
            dropped: numbers,
            cuts: numbers,
            changed: number,
          })
          .check(z.refine(({ kept, dropped }) => kept.length === dropped.length)),
      ),
    })
    .check(
      z.refine(({ height, width, channels, names, steps, pixels, sampled }) => {
        const size = height * width * channels;
        return (
          pixels.length === names.length * steps.length * size &&
          [sampled?.accepted, sampled?.rejected].every(
            (some) => !some || some.pixels.length === some.ratios.length * size,
          )
        );
      }),
    ),
  z
    .object({
      view: z.literal('plane'),
      title: text,
      columns: z.array(text).check(z.length(2)),
      ranges: z.array(range).check(z.length(2)),
      side: count.check(z.minimum(1), z.maximum(most.names)),
      shows: z.enum(['classes', 'labels', 'numbers']),
      numbers: z.optional(range),
      areas: z.array(
        z.object({ who: learner, cells: z.instanceof(Uint16Array), levels: z.instanceof(Uint8Array) }),
      ),
      points: z
        .object({
          at: z.instanceof(Float32Array),
          target: z.instanceof(Float32Array),
          labelled: z.instanceof(Uint8Array),
        })
        .check(
          z.refine(
            ({ at, target, labelled }) =>
              at.length === 2 * target.length && target.length === labelled.length,
          ),
        ),
      arrows: z.optional(z.instanceof(Float32Array).check(z.refine(({ length }) => length % 4 === 0))),
    })
    .check(
      z.refine(({ side, areas }) =>
        areas.every(({ cells, levels }) => cells.length === side * side && levels.length === side * side),
      ),
    ),
]);

const value = z.union([number, z.boolean(), text]);

const entry = z.discriminatedUnion('type', [
  columns,
  z.object({
    type: z.literal('started'),
    recipe: z.record(z.string(), z.unknown()),
    facts,
    watched,
    hintKeys: z.array(text),
  }),
  z.object({ type: z.literal('phase'), phase, steps: count, text }),
  z
    .object({
      type: z.literal('evaluation'),
      phase,
      step: count,
      split: z.enum(['validation', 'test']),
      images: count,
      accuracy: z.optional(byLearner(number)),
      trainAccuracy: z.optional(byLearner(number)),
      scores: z.optional(scores),
      trainScores: z.optional(scores),
      secondDomain: z.optional(scores),
      perTarget: z.optional(perTarget),
      confusion: byLearner(numbers),
      loss: byLearner(number),
      ...furtherScores,
      gradients: z.optional(z.object({ norms: byName(number), cosines: byName(number) })),
      samples: z.optional(
        z
          .object({
            rows: z.instanceof(Int32Array),
            labels: z.instanceof(Uint16Array),
            predicted: byLearner(z.instanceof(Uint16Array)),
          })
          .check(
            z.refine(({ rows, labels, predicted }) =>
              [labels, ...Object.values(predicted)].every((list) => list?.length === rows.length),
            ),
          ),
      ),
      answers: z.optional(
        z
          .object({
            rows: z.instanceof(Int32Array),
            targets: z.instanceof(Float32Array),
            answered: byLearner(z.instanceof(Float32Array)),
          })
          .check(
            z.refine(
              ({ rows, targets, answered }) =>
                Number.isInteger(targets.length / Math.max(1, rows.length)) &&
                Object.values(answered).every((list) => list?.length === targets.length),
            ),
          ),
      ),
    })
    .check(
      z.refine(({ accuracy, trainAccuracy, scores: named, trainScores }) =>
        named ? trainScores && !accuracy && !trainAccuracy : accuracy && trainAccuracy,
      ),
    ),
  z.object({
    type: z.literal('instances'),
    snapshot: z.object({
      step: count,
      losses: byName(numbers),
      weights: byName(numbers),
      spreads: byName(numbers),
      probabilities: byLearner(numbers),
      answers: z.optional(byLearner(numbers)),
      fidelity: z.optional(byName(numbers)),
    }),
  }),
  z.object({ type: z.literal('times'), seconds: z.object({ teacher: number, student: number }) }),
  z.object({
    type: z.literal('latency'),
    latencies: z.object({
      backend,
      device: text,
      batch: count.check(z.minimum(1)),
      repeats: count,
      at: z.optional(number),
      networks: byLearner(z.object({ one: number, batch: z.nullable(number) })),
    }),
  }),
  z.object({ type: z.literal('views'), phase, step: count, views: z.array(view) }),
  z.object({ type: z.literal('knob'), phase, step: count, path: text, label: text, from: value, to: value }),
  z.object({
    type: z.literal('backend'),
    name: backend,
    device: text,
    move: z.optional(z.object({ phase, step: count, from: backend, to: backend })),
  }),
  z.object({ type: z.literal('warning'), step: count, text }),
  z.object({
    type: z.literal('engine'),
    phase,
    step: count,
    engine: z.object({
      recorded: z.boolean(),
      why: text,
      dispatches: z.nullable(count),
      kernels: count,
      bytes: count,
      notes: sentences,
    }),
  }),
  z.object({
    type: z.literal('finished'),
    step: count,
    stopped: z.boolean(),
    final: byLearner(number),
    scores: z.optional(scores),
    secondDomain: z.optional(scores),
    perClass: byLearner(numbers),
    perTarget: z.optional(perTarget),
    constant: z.optional(number),
    ...furtherScores,
    seconds: z.number(),
  }),
  z.object({
    type: z.literal('failed'),
    step: count,
    phase,
    message: text,
    knob: z.nullable(text),
  }),
]);

/** A log entry as the page can read it, its recipe read like any other; null when it is invalid. */
function soundEntry(input: unknown): LogEntry | null {
  const { success } = entry.safeParse(input);
  if (!success) return null;
  const sound = input as LogEntry;
  return sound.type === 'started' ? { ...sound, recipe: readRecipe(sound.recipe).recipe } : sound;
}

/** Entries that are consistent: numbers of classes and of tracked samples match the start event. */
export function soundEntries(input: unknown): LogEntry[] {
  if (!Array.isArray(input)) return [];
  let classes: number | null = null;
  let images: number | null = null;
  let targets: number | null = null;
  const fits = (found: LogEntry): boolean => {
    const perClass = (lists: object, size: number | null) =>
      size === null || (Object.values(lists) as ArrayLike<number>[]).every(({ length }) => length === size);
    switch (found.type) {
      case 'started':
        classes = found.facts.dataset.classes.length;
        images = found.watched.images.length;
        targets = found.facts.targets?.names.length ?? null;
        return (
          found.watched.images.every(
            ({ trueLabel, givenLabel }) => trueLabel < classes! && givenLabel < classes!,
          ) && perClass(found.watched.targets ?? {}, targets === null ? 0 : images * targets)
        );
      case 'evaluation':
        return (
          perClass(found.confusion, classes && classes * classes) &&
          Object.values(found.perTarget ?? {}).every((of) => perClass(of, targets)) &&
          Object.values(found.fidelity ?? {}).every((of) => perClass(of, targets ?? classes))
        );
      case 'finished':
        return (
          perClass(found.perClass, classes) &&
          Object.values(found.perTarget ?? {}).every((of) => perClass(of, targets)) &&
          Object.values(found.fidelity ?? {}).every((of) => perClass(of, targets ?? classes))
        );
      case 'instances': {
        const { losses, weights, spreads, probabilities, answers = {}, fidelity = {} } = found.snapshot;
        return (
          [losses, weights, spreads, fidelity].every((lists) => perClass(lists, images)) &&
          perClass(probabilities, images !== null && classes !== null ? images * classes : null) &&
          perClass(answers, images !== null && targets !== null ? images * targets : null)
        );
      }
      default:
        return true;
    }
  };
  return input.map(soundEntry).filter((found): found is LogEntry => found !== null && fits(found));
}

const answerKind = z.enum(['logits', 'log-probabilities', 'probabilities']);

const teacher = z.object({
  about: z.object({
    id: text,
    // Name of several files together, as older pages wrote it.
    name: z.string(),
    network: text,
    normalisation: z.object({ mean: z.number(), deviation: z.number() }),
    answers: answerKind,
    accuracy: z.number(),
    measured: z.optional(count),
    otherClasses: z.optional(count),
    dataset: text,
    notes: sentences,
    members: z.optional(
      z
        .array(z.object({ name: text, train: z.number(), test: z.nullable(z.number()) }))
        .check(z.maxLength(most.names)),
    ),
    kinds: z.optional(z.array(answerKind).check(z.maxLength(3))),
    maps: z.optional(text),
  }),
  files: z
    .array(z.object({ path: text, bytes: z.instanceof(Uint8Array) }))
    .check(z.minLength(1), z.maxLength(most.names)),
});

/** A teacher with its files; null for anything else. */
export function soundTeacher(input: unknown): { about: ImportedTeacher; files: TeacherFile[] } | null {
  return teacher.safeParse(input).success
    ? (input as { about: ImportedTeacher; files: TeacherFile[] })
    : null;
}
