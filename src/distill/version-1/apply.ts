/** A method of version 1 applied to a base, as version 1 did it. */
import type { KnobValues } from '../knobs';
import { recipeVersion, type HintEntry, type Recipe } from '../recipe';
import { version1 } from './defaults';
import type { HintOfVersion1, MethodOfVersion1 } from './methods';

/** Knobs that another kind of teacher keeps; specialists are small networks and take no other's, peers nothing. */
const shared = ['source', 'network', 'epochs', 'learningRate', 'batch', 'labels', 'corruption'];
const keptBy: Readonly<Record<string, readonly string[]>> = {
  specialists: shared.filter((name) => name !== 'network'),
  peers: [],
};

/** Methods whose point is the kind of teacher, and methods that choose one of a certain make. */
const ofTeachers = new Set(['ensemble', 'rco', 'specialists', 'mgd', 'dml']);
const choosy = new Set(['tfkd-self', 'fsp']);

/** The base with the method's axes set; its material and student stay, and what the method does not name. */
export function applyOfVersion1(method: MethodOfVersion1, base: Recipe): Recipe {
  const weighting = { ...version1.weightings[method.weighting.id]!, ...method.weighting.knobs };
  return {
    ...base,
    version: recipeVersion,
    method: method.id,
    teacher: teacherFor(method.teacher, base),
    hints:
      method.keepsSeveralHints && base.hints.length > 1
        ? base.hints
        : method.hints.map((hint) => entryFor(hint, base)),
    weighting: { id: method.weighting.id as Recipe['weighting']['id'], knobs: weighting },
    schedule: { ...base.schedule, ...method.schedule },
    objective: { ...base.objective, ...method.objective },
  };
}

function entryFor({ id, weight, knobs, first }: HintOfVersion1, base: Recipe): HintEntry {
  const present = base.hints.find((entry) => entry.id === id && !entry.shuffled);
  const entry = present ?? {
    id: id as HintEntry['id'],
    shuffled: false,
    knobs: { ...version1.hints[id]!.knobs, ...first },
  };
  return { ...entry, weight, knobs: { ...entry.knobs, ...knobs } };
}

function teacherFor(teacher: MethodOfVersion1['teacher'], base: Recipe): Recipe['teacher'] {
  switch (teacher) {
    case 'own':
      return ownTeacher(base);
    case 'none':
      return { kind: 'none', knobs: {} };
    case 'former-self':
      return single({ source: 'train', labels: 'student', ...lengthOf(base) });
    case 'deeper-twin':
      return single({ source: 'train', labels: 'all', network: deeperTwin(base.student.network) });
    default:
      return teacherOfKind(teacher, base);
  }
}

const single = (knobs: KnobValues): Recipe['teacher'] => ({
  kind: 'single',
  knobs: { ...version1.teachers['single']!, ...knobs },
});

/** The base's teacher, or a first one where there is none that was meant to teach anything else. */
function ownTeacher({ teacher, method }: Recipe): Recipe['teacher'] {
  if (teacher.kind === 'none' || ofTeachers.has(method)) return single({});
  if (!choosy.has(method)) return teacher;
  const { network, labels } = single({}).knobs;
  return { ...teacher, knobs: { ...teacher.knobs, source: 'train', network: network!, labels: labels! } };
}

function teacherOfKind(kind: Recipe['teacher']['kind'], base: Recipe): Recipe['teacher'] {
  if (base.teacher.kind === kind) return base.teacher;
  const first = version1.teachers[kind]!;
  const keeps = keptBy[kind] ?? shared;
  const kept = Object.entries(ownTeacher(base).knobs).filter(
    ([name]) => keeps.includes(name) && name in first,
  );
  return { kind, knobs: { ...first, ...Object.fromEntries(kept) } };
}

/** Training of a former self: the student's network, batches and rate, and about as many steps for ten classes. */
function lengthOf({ student, material, schedule }: Recipe): KnobValues {
  const { steps, batch, learningRate } = schedule;
  const epochs = Math.round((steps * batch) / (10 * material.labelsPerClass));
  return {
    network: student.network,
    batch,
    learningRate: Math.min(learningRate, 0.1),
    ...(material.labelsPerClass > 0 ? { epochs: Math.min(Math.max(epochs, 1), 200) } : {}),
  };
}

/** A deeper network with the same channels in every stage, by the names of version 1. */
function deeperTwin(name: string): string {
  return name
    .replace(/^cnn-/, 'cnn2-')
    .replace(/^resnet(8|14|20)(x\d)?$/, 'resnet32$2')
    .replace(/^wrn_(10|16)_/, 'wrn_28_')
    .replace(/^vgg(8|11)$/, 'vgg13');
}
