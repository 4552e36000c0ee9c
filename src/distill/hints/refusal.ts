/** Why a loss cannot work with a pair of networks: what it declares to read held against what they show. No tensor. */
import {
  isFeature,
  readsOf,
  type Feature,
  type HintAbout,
  type InputKind,
  type Layout,
  type PairFacts,
  type TargetKind,
  type TraceShapes,
} from '../about';
import type { KnobValues } from '../knobs';

/** A sentence that says why the loss cannot be had with this pair and data, and what to change; else null. */
export function refusalOf(about: HintAbout, pair: PairFacts, knobs: KnobValues): string | null {
  const { title, layouts, refuse } = about;
  const ofTargets = refusedTargets(about, pair.target);
  if (ofTargets) return ofTargets;
  const ofInputs = refusedInputs(about, pair.input);
  if (ofInputs) return ofInputs;
  const reads = readsOf(about, knobs);
  const ofAnswers = reads.find((read) => read === 'output' || read === 'gradients');
  if (pair.featuresOnly && ofAnswers)
    return `“${title}” ${ofAnswers === 'output' ? 'learns from the teacher’s answers' : 'moves inputs along gradients of the teacher’s answers'}, and this teacher has learned other classes than those of this set, so that it has none here. Take a loss of features or of relations, such as “FitNets · Hint”, “AT · Attention transfer” or “RKD · Relational KD”.`;
  if (reads.includes('gradients') && pair.teacher.embedding.length === 0)
    return `“${title}” moves inputs along the teacher’s gradients, and this teacher shows only its outputs. Take a teacher that is a network of this page, or another loss.`;
  if (reads.includes('gradients') && pair.otherView)
    return `“${title}” moves what both networks see, and here the teacher sees another view of each instance than the student. Let both see the same view, or take another loss.`;
  if (about.strongView && pair.byRows)
    return `“${title}” asks the teacher about strongly changed copies of each instance, and this teacher’s answers are recorded: they are of the instances as they are. Take another loss, or a teacher that is a network.`;
  const features = reads.filter(isFeature);
  const lacking = features.find((feature) => shapesOf(pair.teacher, feature).length === 0);
  if (lacking !== undefined)
    return `“${title}” reads ${names[lacking]} of the teacher, and this teacher shows none.`;
  for (const feature of layouts ? features : [])
    for (const who of ['student', 'teacher'] as const)
      if (!shapesOf(pair[who], feature).some((shape) => layouts!.includes(layoutOf(shape))))
        return `“${title}” needs ${layouts!.map((layout) => layoutNames[layout]).join(' or ')}, and this ${who} has none${mlpHint(layouts!)}. Pick a ${layouts!.includes('map') ? 'convolutional' : 'different'} ${who}.`;
  return refuse?.(pair, knobs) ?? null;
}

/** Why a loss cannot be had for such targets, and what works instead; else null. */
export function refusedTargets({ title, targets }: HintAbout, target: TargetKind): string | null {
  if (targets.includes(target)) return null;
  return `This set’s targets are ${targetNames[target]}; “${title}” needs ${targets.map((one) => targetNames[one]).join(' or ')}. ${insteadOf(target)}`;
}

/** Why a loss cannot be had for such inputs; else null. */
export function refusedInputs(about: HintAbout, input: InputKind): string | null {
  const { title, inputs, layouts } = about;
  if (inputs && !inputs.includes(input))
    return `“${title}” works on ${inputs.map((one) => inputNames[one]).join(' or ')}, and this set is ${inputNames[input]}. Take another loss.`;
  if (lacksLayout(about, input))
    return `“${title}” needs ${layouts!.map((layout) => layoutNames[layout]).join(' or ')}, and networks for ${inputNames[input]} have none. Take another loss.`;
  return null;
}

/** Features of a network for a table are vectors. */
const lacksLayout = ({ layouts }: HintAbout, input: InputKind) =>
  input === 'vector' && layouts !== undefined && !layouts.includes('vector');

/** The same in two or three words, for a list in which the loss is named already: "Needs classes."; null where it can be had. */
export function neededInstead(
  about: HintAbout,
  { input, target }: { input: InputKind; target: TargetKind },
): string | null {
  const { targets, inputs, layouts } = about;
  const needs = !targets.includes(target)
    ? targets.map((one) => targetNames[one])
    : inputs && !inputs.includes(input)
      ? inputs.map((one) => inputNames[one])
      : lacksLayout(about, input)
        ? layouts!.map((layout) => layoutNames[layout])
        : null;
  return needs && `Needs ${needs.join(' or ')}.`;
}

/** What works in place of a loss that does not take such targets. */
const insteadOf = (target: TargetKind) =>
  target === 'labels'
    ? 'Use “Per-label KD”, “Logit matching” or a feature loss.'
    : target === 'number'
      ? 'Use “Logit matching” or a feature loss.'
      : 'Use KD or a feature loss.';

const inputNames: Record<InputKind, string> = { image: 'images', vector: 'a table' };
export const targetNames: Record<TargetKind, string> = {
  class: 'classes',
  number: 'numbers',
  labels: 'several labels at once',
};
const names: Record<Feature, string> = {
  stem: 'the first layer',
  stages: 'feature maps',
  preActivations: 'feature maps before the activation',
  embedding: 'the vector before the classifier',
};
const layoutNames: Record<Layout, string> = {
  map: 'feature maps',
  tokens: 'rows of tokens',
  vector: 'vectors',
};
const mlpHint = (layouts: readonly Layout[]) =>
  layouts.includes('vector') ? '' : ' (an MLP sees the image as a list of pixels)';

/** Shapes of a feature without the batch axis, one per place where it is read; none where a network shows none. */
function shapesOf(
  { stem, stages, embedding, onlyActivated }: TraceShapes,
  feature: Feature,
): (readonly number[])[] {
  if (feature === 'preActivations' && onlyActivated) return [];
  if (feature === 'stages' || feature === 'preActivations') return [...stages];
  const shape = feature === 'stem' ? stem : embedding;
  return shape.length === 0 ? [] : [shape];
}

/** How the numbers of a feature lie. A map of a single place is a vector. */
export function layoutOf(shape: readonly number[]): Layout {
  if (shape.length === 1) return 'vector';
  if (shape.length === 2) return 'tokens';
  return shape[0]! * shape[1]! > 1 ? 'map' : 'vector';
}
