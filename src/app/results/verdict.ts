/** The result of a finished run in sentences: which learner is ahead, by how much, and what the difference consists of. */
import { isOfOutput, isTeacherFree, type TeacherAbout } from '../../distill/about';
import { hintAbouts } from '../../distill/hints/abouts';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import { knobFor } from '../../distill/knobs';
import { inputViews } from '../../distill/modalities/input-view';
import { materialKnobs } from '../../distill/material/about';
import { sizeRemark } from '../../distill/pair';
import { taskAboutOf } from '../../distill/tasks/about';
import type { Recipe } from '../../distill/recipe';
import { teacherAbouts } from '../../distill/teachers/abouts';
import type { Learner, RunFacts } from '../../training/events';
import { count, figure, listed, percent } from '../format';
import { midSentence } from '../../limits/texts';
import { instanceWords } from '../subject/instance-words';
import { primaryScore, type ScoreFormat } from '../subject/score-format';
import { taskWords } from '../subject/task-words';

export interface RunResult {
  recipe: Recipe;
  facts: RunFacts;
  final: Partial<Record<Learner, number>>;
  perClass: Partial<Record<Learner, number[]>>;
  /** The first score on the test instances in the second domain, where the set has one. */
  secondDomain?: Partial<Record<Learner, number>>;
  /**
   * Half of the 95 % interval of a difference of two learners, where it is worked out instance by instance or label by
   * label, or null where nothing was measured one by one; missing for accuracies, where it follows from them.
   */
  margin?: (first: Learner, second: Learner) => number | null;
  stopped: boolean;
  step: number;
  /** Median of each hint's weight over the tracked samples at the end, with the hint's name. */
  weights: { name: string; median: number }[];
}

export interface Verdict {
  tone: 'gain' | 'loss' | 'even' | 'open';
  headline: string;
  reasons: string[];
}

/** Points under which a difference of two accuracies may be the luck of the test images (two standard errors). */
export function chanceOf(first: number, second: number, images: number): number {
  if (images === 0) return 1;
  return 2 * Math.sqrt((first * (1 - first) + second * (1 - second)) / images);
}

/** Below it a difference may be noise; null where that cannot be known from one run. */
function marginOf({ facts, final, margin }: RunResult, first: Learner, second: Learner): number | null {
  return margin ? margin(first, second) : chanceOf(final[first]!, final[second]!, facts.test);
}

export function verdictOf(result: RunResult): Verdict {
  const score = primaryScore(result.facts);
  const { student, control } = result.final;
  if (student === undefined)
    return { tone: 'open', headline: 'The run ended before the student was measured.', reasons: [] };
  const early = result.stopped
    ? [`Stopped at step ${count(result.step)} of ${count(result.facts.studentSteps)}.`]
    : [];
  if (result.recipe.hints.length === 0 && result.facts.generated !== 'labelled')
    return {
      tone: 'open',
      headline: `The student learned from its ${wordsOf(result).targets} alone and reaches ${scored(score, student)}.`,
      reasons: early,
    };
  if (control === undefined && result.facts.labelled === 0 && !result.facts.generated)
    return {
      tone: 'open',
      headline: `The student reaches ${scored(score, student)}${teacherClause(result)}. None of its ${instanceWords(result.facts).many} had a label: all that it knows comes from ${teacherWords(result.recipe)}.`,
      reasons: [...early, ...reasonsOf(result, 'open')],
    };
  if (control === undefined)
    return {
      tone: 'open',
      headline: `The student reaches ${scored(score, student)}${teacherClause(result)}. No baseline was trained beside it, so this run cannot say whether ${isAlone(result.recipe) ? 'the losses' : teacherWords(result.recipe)} helped.`,
      reasons: [...early, ...reasonsOf(result, 'open')],
    };

  const gain = score.gain(student, control);
  const chance = marginOf(result, 'student', 'control');
  const tone = Math.abs(gain) < (chance ?? 0) || gain === 0 ? 'even' : gain > 0 ? 'gain' : 'loss';
  return {
    tone,
    headline: headlineOf(result, tone, gain, chance),
    reasons: [...early, ...reasonsOf(result, tone)],
  };
}

function headlineOf(result: RunResult, tone: Verdict['tone'], gain: number, chance: number | null): string {
  const score = primaryScore(result.facts);
  const { student, control } = result.final;
  const alone = isAlone(result.recipe);
  const without = result.facts.generated
    ? `on the real ${instanceWords(result.facts).many} alone`
    : alone
      ? `on the ${wordsOf(result).targets} alone`
      : 'without a teacher';
  const extra = extraLabels(result.facts.meta);
  const figures = `the student${extra ? `, which used ${extra},` : ''} reaches ${score.text(student!)}, the same student ${without} ${score.text(control!)}${teacherClause(result)}`;
  const size = `${score.amount(gain)}${named(score)}`;
  const what = result.facts.generated ? 'Generated pictures' : alone ? 'Softer targets' : 'Distillation';
  // The second domain has a sentence of its own.
  const where = result.secondDomain?.student === undefined ? '' : ' in the first domain';
  if (tone === 'gain') return `${what} gained ${size}${where}: ${figures}.`;
  if (tone === 'loss') return `${what} lost ${size}${where}: ${figures}.`;
  const noise =
    chance === null
      ? ''
      : ` With ${count(result.facts.test)} test ${instanceWords(result.facts).many}, less than ${score.amount(chance)} is within noise.`;
  return `No clear difference${where} (${score.signed(gain)}${score.isShare ? ' points' : ''}${named(score)}): ${figures}.${noise}`;
}

/** The score by name where a number alone would not say what it is. */
function named({ about, isEveryday, lowerIsBetter }: ScoreFormat): string {
  if (isEveryday) return '';
  return ` of ${midSentence(about.title)}${lowerIsBetter ? ' (lower is better)' : ''}`;
}

function scored(score: ScoreFormat, value: number): string {
  return `${score.text(value)}${named(score)}`;
}

function teacherClause({ final, recipe, facts }: RunResult): string {
  if (final.teacher === undefined) return '';
  return `, ${teacherWords(recipe)} ${primaryScore(facts).text(final.teacher)}`;
}

/** What those who teach are called: "the teacher", "its peers", "the fusion". */
function teacherWords({ teacher }: Pick<Recipe, 'teacher'>): string {
  const about: TeacherAbout = teacherAbouts[teacher.kind];
  return about.called ?? 'the teacher';
}

function reasonsOf(result: RunResult, tone: Verdict['tone']): string[] {
  const access = accessReasons(result);
  const size = sizeRemark(result.recipe.teacher.kind, result.facts.networks);
  const spoiled = isSpoiled(result.recipe);
  const general = result.facts.generated
    ? null
    : spoiled
      ? 'The teacher was corrupted on purpose: the baseline shows what the same student reaches without it.'
      : isAlone(result.recipe)
        ? `There is no teacher: the targets hold no knowledge of the ${instanceWords(result.facts).one} beyond its ${wordsOf(result).target}.`
        : tone !== 'gain' && isOutdone(result)
          ? 'The teacher does worse than a student without one: train it longer, or take a stronger one.'
          : generalReason(tone, access.length > 0, {
              many: instanceWords(result.facts).many,
              targets: wordsOf(result).targets,
              teacher: teacherWords(result.recipe),
              few: result.recipe.material.labelsPerClass > 0,
              noise: midSentence(knobFor(materialKnobs.labelNoise, taskAboutOf(result.facts).target).label),
            });
  return [
    ...domainReasons(result),
    ...access,
    ...(general ? [general] : []),
    ...viewReasons(result),
    ...softnessReasons(result),
    ...precisionReasons(result),
    ...weightReasons(result),
    ...(size ? [size.text] : []),
  ];
}

function wordsOf({ facts }: Pick<RunResult, 'facts'>) {
  return taskWords[taskAboutOf(facts).id];
}

/** Hints without anybody who gives them, such as label smoothing. */
function isAlone({ teacher }: Recipe): boolean {
  return teacher.kind === 'none';
}

/** Whether the teacher does worse than the student does without it. */
function isOutdone({ recipe, facts, final: { teacher, control } }: RunResult): boolean {
  if (learnsBeside(recipe.teacher) || teacher === undefined || control === undefined) return false;
  return primaryScore(facts).gain(teacher, control) < 0;
}

function isSpoiled({ teacher }: Recipe): boolean {
  const corruption = teacher.knobs.corruption;
  return corruption !== undefined && corruption !== 'none';
}

/** What a difference of this kind is made of, or what its absence comes from. */
function generalReason(
  tone: Verdict['tone'],
  access: boolean,
  {
    many,
    targets,
    teacher,
    few,
    noise,
  }: {
    many: string;
    targets: string;
    teacher: string;
    /** Whether a part of the instances was left out because it keeps none. */
    few: boolean;
    noise: string;
  },
): string | null {
  if (tone === 'open') return null;
  if (tone === 'gain')
    return access
      ? `Nearly all of this gain is access to what ${teacher} can tell about ${many} whose ${targets} the student cannot use.`
      : `Both students had the same ${many} and ${targets}, so the difference comes from the distillation losses.`;
  if (!access)
    return few
      ? `Both students had the same few clean ${targets}, and no other ${many}, about which a teacher could say more: try some without ${targets} (“${materialKnobs.unlabelled.label}”).`
      : `Both students had the same clean ${targets}. There is little for a teacher to add then: try fewer ${targets}, unlabelled ${many} or ${noise}.`;
  return tone === 'loss'
    ? `The distillation losses outweighed the ${targets} here: try a lower hint weight, more steps or another loss.`
    : null;
}

/** What the teacher sees and the student does not, which is a part of every difference. */
function viewReasons({ recipe, facts }: RunResult): string[] {
  if (isAlone(recipe) || facts.dataset.shape.length === 1) return [];
  const { student, teacher } = inputViews(recipe);
  const { many } = instanceWords(facts);
  return [
    ...(student.block === teacher.block
      ? []
      : [`The teacher sees the ${many} at twice the size: more than student and baseline can see.`]),
    ...(student.input === teacher.input
      ? []
      : [`The teacher sees the ${many} before they were disturbed: more than student and baseline can see.`]),
  ];
}

/** What rounding costs: with it in the loop of training, and afterwards. */
function precisionReasons({ final: { student, full, rounded }, facts }: RunResult): string[] {
  if (student === undefined || full === undefined || rounded === undefined) return [];
  const score = primaryScore(facts);
  return [
    `The twin in full precision has ${score.text(full)}; rounded after its training, ${score.text(rounded)} is left of it. The student was rounded while it was trained.`,
  ];
}

function weightReasons({ recipe, facts, weights }: RunResult): string[] {
  if (recipe.weighting.id !== 'hint-dynamic') return [];
  const medians = weights.map(({ name, median }) => `${midSentence(name)} ${figure(median)}`);
  const reasons = medians.length > 0 ? [`Weights at the end (median): ${listed(medians)}.`] : [];
  if (facts.meta > 0)
    reasons.push(
      `HKD also used ${count(facts.meta)} clean labelled ${instanceWords(facts).many} that the baseline did not have.`,
    );
  return reasons;
}

function learnsBeside({ kind }: Pick<Recipe['teacher'], 'kind'>): boolean {
  const about: TeacherAbout = teacherAbouts[kind];
  return about.learnsBeside === true;
}

/** Whether the teacher had no labels but the student's. */
function learnedLikeTheStudent({ kind, knobs }: Recipe['teacher']): boolean {
  return learnsBeside({ kind }) || ((knobs.source ?? 'train') === 'train' && knobs.labels === 'student');
}

function wrongForTeacher(recipe: Recipe): string {
  if (isAlone(recipe)) return '';
  return learnedLikeTheStudent(recipe.teacher)
    ? `, for ${teacherWords(recipe)} too`
    : '; the teacher had learned from correct ones';
}

/** What the teacher knew and the student could not. */
function accessReasons({ recipe, facts, final, perClass }: RunResult): string[] {
  const reasons: string[] = [];
  if (facts.wrongLabels > 0)
    reasons.push(
      `${count(facts.wrongLabels)} of the ${count(facts.labelled)} ${wordsOf({ facts }).targets} were wrong${wrongForTeacher(recipe)}.`,
    );
  if (facts.generated) reasons.push(generatedReason({ recipe, facts }));
  // Where none had a label and there is no baseline, the headline says so.
  else if (facts.unlabelled > 0 && (facts.labelled > 0 || final.control !== undefined))
    reasons.push(
      `${count(facts.unlabelled)} more ${instanceWords(facts).many} had no ${wordsOf({ facts }).target}: only ${teacherWords(recipe)} gave a target for them.`,
    );
  const unnamed = recipe.material.unnamedClass;
  const name = facts.dataset.classes[unnamed];
  const [mine, controls] = [perClass.student?.[unnamed], perClass.control?.[unnamed]];
  if (name !== undefined && mine !== undefined && controls !== undefined)
    reasons.push(
      `No “${name}” had a label. On the test ${instanceWords(facts).many} of that class the baseline reaches ${percent(controls, 0)}, the student ${percent(mine, 0)}.`,
    );
  return reasons;
}

/** Who had what of generated pictures. */
function generatedReason({ recipe, facts }: Pick<RunResult, 'recipe' | 'facts'>): string {
  const { targets, target } = wordsOf({ facts });
  const { generator, generatorData, useFilter } = recipe.material;
  const learned =
    generator === 'train' && generatorData === 'student'
      ? `the student’s own ${targets}`
      : `all training ${instanceWords(facts).many} with their ${targets}, more than the baseline has`;
  const given =
    facts.generated === 'unlabelled'
      ? `without a ${target}`
      : useFilter
        ? `each with the ${target} that the teacher saw in it`
        : `each with the ${target} that it was made for`;
  return `The student also learned from up to ${count(facts.unlabelled)} generated pictures, ${given}. Their generator had learned from ${learned}.`;
}

/** How student and baseline do on the domain of which the student had no labels. */
function domainReasons({ secondDomain, facts }: RunResult): string[] {
  const { student, control } = secondDomain ?? {};
  if (student === undefined || control === undefined) return [];
  const score = primaryScore(facts);
  return [
    `On the test ${instanceWords(facts).many} in the second domain, of which neither had ${wordsOf({ facts }).targets}, the student reaches ${score.text(student)}, the baseline ${score.text(control)}.`,
  ];
}

/** Against a student that was trained on the teacher’s hard labels: its top class, its labels above one half, or its numbers. */
function softnessReasons(result: RunResult): string[] {
  const { final, facts, recipe } = result;
  const { student, hard } = final;
  if (student === undefined || hard === undefined) return [];
  const score = primaryScore(facts);
  const difference = score.gain(student, hard);
  const clear = difference !== 0 && Math.abs(difference) >= (marginOf(result, 'student', 'hard') ?? 0);
  const reached = `A student trained on the teacher’s hard labels reaches ${score.text(hard)}:`;
  // Only of softened answers can it be said that they differ from the hard ones by being soft.
  const ofAnswers = recipe.hints.every(
    ({ id }) => isOfOutput(hintAbouts[id]) || isTeacherFree(hintAbouts[id]),
  );
  const what =
    ofAnswers && taskAboutOf(facts).isSoft ? 'the softness of the targets' : 'what these losses use instead';
  return [
    clear
      ? `${reached} ${what} ${difference > 0 ? 'gains' : 'costs'} ${score.amount(difference)}.`
      : `${reached} ${what} makes no clear difference here (${difference === 0 ? '' : sign(difference)}${score.amount(difference)}).`,
  ];
}

function sign(difference: number): string {
  return difference < 0 ? '−' : '+';
}
