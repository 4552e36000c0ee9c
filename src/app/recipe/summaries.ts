/** The recipe's sections in a line each, shown while they are folded. */
import { publishedOf, publishedSide } from '../../distill/hints/weights';
import { knobFor, type Knob, shownValue } from '../../distill/knobs';
import { materialKnobs } from '../../distill/material/about';
import { methods } from '../../distill/methods/abouts';
import { publishedWeight, type HintEntry, type Recipe } from '../../distill/recipe';
import { answersByRows, teacherAbouts } from '../../distill/teachers/abouts';
import { recordedKnobs } from '../../distill/teachers/recorded/about';
import { singleTeacherKnobs } from '../../distill/teachers/single/about';
import { taskAboutOf } from '../../distill/tasks/about';
import { weightingAbouts } from '../../distill/weighting/abouts';
import type { RunFacts } from '../../training/events';
import { count, short } from '../format';
import { midSentence } from '../../limits/texts';
import { instanceWords } from '../subject/instance-words';
import { changesBetween, hintTitle } from './diff';
import { generates } from '../../distill/material/generated/about';
import { numberText } from './numbers';

/** @param facts of the recipe or run, for the words that its data and task have */
export function materialSummary({ material }: Recipe, facts: RunFacts | null): string {
  const parts = [shownValue(materialKnobs.dataset, material.dataset)];
  if (material.halve) parts.push('downsampled 2×');
  const { target } = taskAboutOf(facts);
  const named = (knob: Knob) => midSentence(knobFor(knob, target).label);
  if (material.labelsPerClass > 0)
    parts.push(`${count(material.labelsPerClass)} ${named(materialKnobs.labelsPerClass)}`);
  if (material.labelNoise > 0) parts.push(`${material.labelNoise} % ${named(materialKnobs.labelNoise)}`);
  if (material.unnamedClass >= 0) parts.push(`class ${material.unnamedClass} with no labels`);
  if (material.unlabelled > 0)
    parts.push(
      `${count(material.unlabelled)} ${generates(material) ? 'generated' : 'unlabelled'} ${instanceWords(facts).many}`,
    );
  return parts.join(', ');
}

export function teacherSummary({ teacher, student }: Recipe): string {
  if (teacher.kind === 'none') return teacherAbouts.none.title;
  if (answersByRows(teacher)) return recordedSummary(teacher.knobs);
  const { source = 'train', epochs, stopAfter = 0, diversity = false, corruption = 'none' } = teacher.knobs;
  // A kind without a network of its own takes the student’s.
  const network = diversity ? 'different branches' : (teacher.knobs.network ?? student.network);
  const stopped = stopAfter > 0 && epochs !== undefined && stopAfter < epochs;
  const kind = teacher.kind === 'single' ? [] : [teacherAbouts[teacher.kind].title];
  const parts = [
    ...kind,
    source === 'file' && teacher.knobs.fileLine
      ? teacher.knobs.fileLine
      : source !== 'train'
        ? shownValue(singleTeacherKnobs.source, source)
        : epochs === undefined
          ? network
          : stopped
            ? `${network}, trained here and stopped after ${stopAfter} of ${epochs} epochs`
            : `${network}, trained here for ${epochs === 1 ? 'one epoch' : `${epochs} epochs`}`,
  ];
  if (corruption !== 'none') parts.push(midSentence(shownValue(singleTeacherKnobs.corruption, corruption)));
  return parts.join(', ');
}

function recordedSummary({
  fileLine = '',
  fileMembers = 1,
  mode = 'average',
  corruption = 'none',
}: Recipe['teacher']['knobs']): string {
  const shown = mode === 'average' ? 'averaged' : midSentence(shownValue(recordedKnobs.mode, mode));
  const parts = [
    fileLine === '' ? teacherAbouts.recorded.title : `${fileLine}, by its answers`,
    ...(fileMembers > 1 ? [`${fileMembers} teachers, ${shown}`] : []),
    ...(corruption === 'none' ? [] : [midSentence(shownValue(recordedKnobs.corruption, corruption))]),
  ];
  return parts.join(', ');
}

/** @param weights the numbers that hints are taken with, where they are known: a weight may be the word "published" */
export function hintsSummary({ hints }: Recipe, weights: readonly number[] = []): string {
  if (hints.length === 0) return 'None: the student learns from labels alone';
  return hints.map((entry, index) => `${hintTitle(entry)} × ${weightText(entry, weights[index])}`).join(', ');
}

function weightText(entry: HintEntry, weight: number | undefined): string {
  if (entry.weight !== publishedWeight) return numberText(entry.weight);
  const published = numberText(publishedOf(entry.id));
  const side = publishedSide(entry);
  const source = side === null ? published : `${published} at ${side} px`;
  return weight === undefined ? `${source}, as published` : `${numberText(weight)} (published: ${source})`;
}

export function weightingSummary({ weighting }: Recipe): string {
  return weightingAbouts[weighting.id].title;
}

export function studentSummary({ student, objective }: Recipe): string {
  const network = student.view === 'half' ? `${student.network} at half size` : student.network;
  const beside = [
    objective.control ? 'baseline (no teacher)' : '',
    objective.hardAnswers ? 'teacher’s hard labels' : '',
  ];
  const lines = beside.filter(Boolean).join(' and ');
  return lines ? `${network}, compared with ${lines}` : network;
}

/** @param facts as in `materialSummary` */
export function scheduleSummary({ schedule, objective, seed }: Recipe, facts: RunFacts | null): string {
  const optimiser = schedule.optimiser === 'adam' ? 'Adam' : 'SGD';
  return `${count(schedule.steps)} steps of ${schedule.batch}, ${optimiser} ${numberText(schedule.learningRate)}, ${midSentence(taskAboutOf(facts).loss.title)} weight ${numberText(objective.ceWeight)}, seed ${seed}`;
}

/** The method's title, and whether the recipe has left it. */
export function methodName(recipe: Recipe): { title: string; changed: boolean } {
  const method = methods.find((known) => known.id === recipe.method);
  if (!method) return { title: 'Custom combination', changed: false };
  const paths = changesBetween(method.apply(recipe), recipe).map(({ path }) => path);
  // A method defines which losses there are. Their weights, and leaving one out, are free.
  const changed = paths.some((path) => /^(teacher\.kind|weighting\.id|hints\.\d+)$/.test(path));
  return { title: method.title, changed };
}

/** "72,954 parameters, 1.2 M multiply-adds an image" of the networks in a role; null where none is known. */
export function sizeText(facts: RunFacts | null, role: 'teacher' | 'student'): string | null {
  const networks = facts?.networks.filter((network) => network.role === role) ?? [];
  if (networks.length === 0) return null;
  const sum = (of: 'parameters' | 'multiplyAdds') =>
    networks.reduce((total, network) => total + network[of], 0);
  const several = networks.length > 1 ? `${networks.length} networks, ` : '';
  return `${several}${count(sum('parameters'))} parameters, ${short(sum('multiplyAdds'))} multiply-adds ${facts?.dataset.shape.length === 1 ? 'a' : 'an'} ${instanceWords(facts).one}`;
}
