/** A teacher whose answers on the set were written down beforehand, in a file of the user's: no network is asked. */
import type { TeacherAbout } from '../../about';
import { defineKnobs, type KnobValues } from '../../knobs';
import { ensembleKnobs } from '../ensemble/about';
import { fileLineKnob } from '../file-line';
import { corruptionKnobs, corruptionNames } from '../trained';
import { mapsProblem } from './maps';

export { mostStages } from './maps';

/** Stands for the network's name where the files hold answers. */
export const recordedAnswers = 'recorded-answers';

/** Most teachers whose answers lie in one set of files. */
export const mostRecorded = 32;

const several = (values: KnobValues) => Number(values['fileMembers']) > 1;
/** Whether recorded teachers answer one at a time. */
export const recordedTakeTurns = (values: KnobValues): boolean =>
  several(values) && values['mode'] !== 'average';

const { average, mode, rule } = ensembleKnobs;

/** What the files say of the teacher in them; their numbers are not part of a recipe. Set by the files, not by the user. */
export const answersFileKnobs = defineKnobs({
  file: {
    kind: 'text',
    label: 'File of answers',
    help: 'Which answers are meant: a checksum of the files they came in.',
    default: '',
    suggestions: [],
    problem: (text) => (/^[0-9a-f]{0,64}$/.test(text) ? null : 'must be a checksum'),
  },
  fileMembers: {
    kind: 'number',
    label: 'Teachers in the files',
    help: 'Several files, or several arrays of a file, are the answers of several teachers.',
    min: 1,
    max: mostRecorded,
    step: 1,
    integer: true,
    default: 1,
  },
  fileLine: fileLineKnob,
  fileMaps: {
    kind: 'text',
    label: 'Features in the files',
    help: 'Sides of the inner features that lie beside the answers: stages, then the vector before the classifier.',
    default: '',
    suggestions: [],
    problem: mapsProblem,
  },
});

export const recordedKnobs = defineKnobs({
  ...answersFileKnobs,
  fileAnswers: {
    kind: 'choice',
    label: 'The numbers in the file are',
    help: 'Logits are taken as they are. Of probabilities the logarithms are taken, which differ from logits by a number per instance: losses see no difference. Probabilities that were softened by a temperature stay softened: that cannot be undone.',
    options: [
      { value: 'logits', label: 'Logits' },
      { value: 'log-probabilities', label: 'Log-probabilities' },
      { value: 'probabilities', label: 'Probabilities' },
    ],
    default: 'logits',
    for: { targets: ['class', 'labels'] },
  },
  average: { ...average, when: several },
  mode: {
    ...mode,
    help: 'The average of all teachers at each step; one teacher at a time, switched from step to step; or each teacher’s answers on a copy of all data of its own. All three teach the same on average; one teacher at a time is noisier.',
    options: [
      { value: 'average', label: 'The average' },
      { value: 'switch', label: 'One teacher a step (switch)' },
      { value: 'augment', label: 'A copy of the data for each teacher (augment)' },
    ],
    when: several,
  },
  rule: { ...rule, when: (values) => several(values) && values['mode'] === 'switch' },
  ...corruptionKnobs,
});

export const recorded = {
  id: 'recorded',
  title: 'Answers in a file',
  line: 'What a teacher answered on this set elsewhere: one row of numbers for each instance. No network is here, so losses on features need features that were recorded too.',
  size: 'free',
  shownBy: corruptionNames,
  byRows: () => true,
  fromFiles: () => true,
  knobs: recordedKnobs,
} as const satisfies TeacherAbout<typeof recordedKnobs>;
