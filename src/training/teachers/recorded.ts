/** A teacher, or several, whose answers on the set lie in the user's files. */
import type { TracePart } from '../../distill/hints/hint';
import { averageAnswers } from '../../distill/teachers/ensemble/average';
import { memberOfStep } from '../../distill/teachers/ensemble/turns';
import { recordedTakeTurns, type recordedKnobs } from '../../distill/teachers/recorded/about';
import { recordedTrace } from '../../distill/teachers/recorded/maps';
import type { ValuesOf } from '../../distill/knobs';
import { tf, type Tensor } from '../../engine/tf';
import { sentenceOf } from '../../limits/texts';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import type { AnswerKind } from '../answers/answer-parts';
import type { MatchedAnswers } from '../answers/match-answers';
import { builtAtOnce } from './built-at-once';
import { comparePredictions } from './compare-predictions';
import { RecordedTeacher, type RecordedExtras, type RecordedPart } from './recorded-teacher';
import type { TeacherKindModule, TeacherSetting, TeacherSetup, TeacherTurns } from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof recordedKnobs>;

/** A member's outputs in a trace, where members take turns. */
const nameOf = (member: number) => `member${member + 1}`;

/** The readers of files are loaded when there are files. */
const answers = async () => {
  const [
    { loadAnswers },
    { outputsOf, kindProblem },
    { answerKindNames },
    { splitMaps, readMaps, mapsTextOf },
    { refuseOtherSet },
  ] = await Promise.all([
    import('../answers/load-answers'),
    import('../answers/answer-kind'),
    import('../answers/answer-parts'),
    import('../answers/recorded-maps'),
    import('../answers/recorded-set'),
  ]);
  return {
    loadAnswers,
    outputsOf,
    kindProblem,
    answerKindNames,
    splitMaps,
    readMaps,
    mapsTextOf,
    refuseOtherSet,
  };
};

const fileKnob = { knob: 'teacher.knobs.file' };

export const recorded: TeacherKindModule = {
  plan: (setting) => {
    const { file, fileMembers, fileMaps } = knobsOf(setting);
    if (file === '')
      throw new RunFailure(
        'Choose the file that holds the teacher’s answers, or take another teacher.',
        fileKnob,
      );
    const takeTurns = recordedTakeTurns(setting.recipe.teacher.knobs);
    const more = Object.fromEntries(
      Array.from({ length: fileMembers }, (_, member) => [nameOf(member), [setting.outputs]]),
    );
    const trace = recordedTrace(fileMaps);
    return {
      networks: [],
      trace: takeTurns ? { ...trace, more } : trace,
      steps: 0,
      normalisation: null,
      notes: [],
    };
  },
  build: (setup) => builtAtOnce(() => load(setup)),
  restore: (setup) => load(setup),
};

async function load(setup: TeacherSetup): Promise<RecordedTeacher> {
  const { setting, importedFiles } = setup;
  const { file, fileMembers, fileAnswers, fileMaps, average, mode } = knobsOf(setting);
  const files = await importedFiles(file);
  if (!files)
    throw new RunFailure(
      'The answers of this recipe’s teacher come from a file that is not here any more. Choose the file again under “Teacher”, or take another teacher.',
      fileKnob,
    );
  const { material, outputs } = setting;
  const { loadAnswers, outputsOf, splitMaps, readMaps, mapsTextOf, refuseOtherSet } = await answers();
  const { answers: ofAnswers, maps: ofMaps } = splitMaps(files);
  const failed = (error: unknown) => {
    throw new RunFailure(sentenceOf(error), fileKnob);
  };
  // The files were checked against the set at their import, which may have been another one.
  await refuseOtherSet(ofAnswers, material.dataset).catch(failed);
  const found = await loadAnswers(ofAnswers, material.dataset).catch(failed);
  const maps = ofMaps
    ? await Promise.resolve(ofMaps)
        .then((one) => readMaps(one, material.dataset))
        .catch(failed)
    : [];
  if (mapsTextOf(maps) !== fileMaps)
    throw new RunFailure(
      'The files hold other features than the recipe was made for. Choose them again.',
      fileKnob,
    );
  if (found.length !== fileMembers)
    throw new RunFailure(
      `The file holds the answers of ${found.length} teachers, and the recipe was made for ${fileMembers}. Choose the file again.`,
      fileKnob,
    );
  const { kind: target } = material.dataset.target;
  const members: Float32Array[] = [];
  for (const one of found) {
    const kind = target === 'number' ? 'logits' : await kindFor(one, fileAnswers, found.length, setting);
    members.push(outputsOf(one.values, kind, target, material.task.scale));
  }
  const shape = [outputs];
  const part = (name: TracePart, values: Float32Array): RecordedPart => ({ part: name, shape, values });
  const together = await togetherOf(
    members,
    (tensors) => averageAnswers(tensors, average, material.task),
    outputs,
  );
  const takeTurns = members.length > 1 && mode !== 'average';
  return new RecordedTeacher(
    [
      part('logits', together),
      ...maps,
      ...(takeTurns ? members.map((values, m) => part(`more/${nameOf(m)}`, values)) : []),
    ],
    {
      isWhole: found.every(({ hasTest }) => hasTest),
      ...(takeTurns ? { turns: turnsOf(setting, members.length) } : {}),
      ...(members.length > 1 && found.every(({ hasTest }) => hasTest)
        ? { views: viewsOf(found, members, setup) }
        : {}),
    },
  );
}

/** What the numbers of a member are: as the recipe says; where others are saved in another way, as they are found to be. */
async function kindFor(
  one: MatchedAnswers,
  wanted: AnswerKind,
  members: number,
  { material }: TeacherSetting,
): Promise<AnswerKind> {
  if (one.kinds.includes(wanted)) return wanted;
  if (members > 1) return one.kind;
  const { kindProblem, answerKindNames } = await answers();
  const { values } = one;
  const width = material.task.outputs;
  const known = { where: 'The file', values, width, rowText: (row: number) => `instance ${row}` };
  const why = kindProblem(known, wanted, material.dataset.target.kind);
  throw new RunFailure(
    `The answers cannot be ${answerKindNames[wanted]}: ${why ?? 'of the top classes probabilities are wanted'}. Choose ${one.kinds.map((kind) => answerKindNames[kind]).join(' or ')}.`,
    { knob: 'teacher.knobs.fileAnswers' },
  );
}

/** The members' answers in one table, [rows*outputs] */
async function togetherOf(
  members: readonly Float32Array[],
  average: (tensors: readonly Tensor[]) => Tensor,
  outputs: number,
): Promise<Float32Array> {
  const [first] = members;
  if (members.length === 1) return first!;
  const tensor = tf.tidy(() =>
    average(members.map((values) => tf.tensor2d(values, [values.length / outputs, outputs]))),
  );
  const values = Float32Array.from(await tensor.data<'float32'>());
  tensor.dispose();
  return values;
}

function turnsOf(setting: TeacherSetting, members: number): TeacherTurns {
  const { mode, rule } = knobsOf(setting);
  const { seed } = setting.recipe;
  return {
    members: Array.from({ length: members }, (_, member) => nameOf(member)),
    copies: mode === 'augment',
    memberAt: (step) =>
      memberOfStep(rule, step - 1, RandomStream.fork(seed, `teacher/turns/${step}`).uniform(), members),
  };
}

function viewsOf(
  found: readonly MatchedAnswers[],
  members: readonly Float32Array[],
  setup: TeacherSetup,
): NonNullable<RecordedExtras['views']> {
  const { outputs } = setup.setting;
  let shown: Awaited<ReturnType<typeof comparePredictions>> | null = null;
  return async (teacher, codes) => {
    if (shown) return [shown];
    const tables = members.map((values) => tf.tensor2d(values, [values.length / outputs, outputs]));
    const of = (table: Tensor) => (batch: Tensor) =>
      tf.gather(table, tf.cast(tf.reshape(batch, [-1]), 'int32'));
    try {
      shown = await comparePredictions(
        {
          title: 'Teachers in the files',
          line: 'Where teachers disagree, the average is unsure: that doubt is part of what is taught.',
        },
        [
          { name: 'together', logits: (batch) => teacher.trace(batch, false).logits },
          ...tables.map((table, m) => ({
            name: `${m + 1}: ${found[m]!.name || 'teacher'}`,
            logits: of(table),
          })),
        ],
        codes,
        setup,
      );
    } finally {
      tf.dispose(tables);
    }
    return [shown];
  };
}
