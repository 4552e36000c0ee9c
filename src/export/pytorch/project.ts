/**
 * A PyTorch project that continues a recipe: scripts, networks, weights, training rows, and numbers to check against.
 */
import { onlyView, type InputSpec } from '../../data/dataset';
import { writeSafetensors } from '../../nn/safetensors';
import { aboutToMetadata } from '../../nn/weights-about';
import type { NamedArray } from '../../nn/layouts';
import type { ExportBundle } from '../../training/export-bundle';
import type { FeedAbout } from '../../nn/weights-about';
import { scoreUnit, taskAbouts } from '../../distill/tasks/about';
import { answersFiles, describeAnswers } from './answers';
import { moduleName, modulesOf } from './modules';
import { networksModule } from './networks';
import { classFolders, dataLayout, readersOf, roles, testTable, trainTable } from './project-data';
import { readme, requirements, teachesHere } from './readme';
import { scriptsFor } from './scripts';
import { drawsBalanced } from './supported';
import { stoppedFiles, stoppedStateOf, type StoppedFiles } from './stopped';

/** Files by path, without the images or arrays. */
export function pytorchProject(bundle: ExportBundle, title: string): Record<string, Uint8Array<ArrayBuffer>> {
  const { recipe, hintKeys, teachers, answers, route, feed, teacherFeed, firstBatch, score, dataset } =
    bundle;
  const student = recipe.student.network;
  const layout = dataLayout(dataset);
  const input = dataset.inputs[onlyView]!;
  const modules = modulesOf(recipe);
  const stopped = stoppedStateOf(bundle);
  // Published ones are for images of classes, and move them.
  const hasPresets = layout === 'folders' && !answers?.isOfPlainImages;
  // Answers are known for the set's own rows.
  const readers = answers ? {} : readersOf(dataset);
  const description = {
    recipe,
    hintKeys,
    teacherModule: modules.teacher,
    hasPrelude: modules.hasPrelude,
    hasPresets,
    task: describeTask(bundle),
    data: layout,
    ...(layout === 'folders' ? { folders: classFolders(dataset) } : { roles }),
    input: { kind: input.kind, shape: shapeOf(input), ...columnsOf(input) },
    readers: Object.fromEntries(Object.entries(readers).map(([kind, name]) => [kind, `readers.${name}`])),
    mean: feed.normalisation.mean,
    deviation: feed.normalisation.deviation,
    ...(teacherFeed
      ? { teacherMean: teacherFeed.normalisation.mean, teacherDeviation: teacherFeed.normalisation.deviation }
      : {}),
    firstBatch,
    score,
    metadata: {
      ...aboutToMetadata({ network: student, ...feed }),
      ...(bundle.precision ? { precision: 'low' } : {}),
    },
    teachesHere: teachesHere(bundle),
    student: inputOf(student, feed),
    // A route has the states of one network.
    teachers: (route ? teachers.slice(0, 1) : teachers).map(({ network, start }, i) => ({
      ...inputOf(network, teacherFeed ?? feed),
      weights: teacherFile(i, teachers.length),
      ...(start ? { start: teacherFile(i, teachers.length, '-start') } : {}),
    })),
    ...(route
      ? {
          route: route.map(({ teacher, ...leg }) => ({
            weights: teacherFile(teacher, teachers.length),
            ...leg,
          })),
        }
      : {}),
    ...(answers ? { answers: describeAnswers(answers) } : {}),
    copies: bundle.copies,
    strongView: bundle.strongView,
    balanced: drawsBalanced(recipe),
    stopped: stoppedAbout(bundle),
  };
  const files: Record<string, string | Uint8Array<ArrayBuffer>> = {
    'README.md': readme(bundle, title),
    'requirements.txt': requirements(bundle),
    'recipe.json': `${JSON.stringify(description, null, 2)}\n`,
    ...scriptsOf(bundle, [
      'train',
      layout,
      `tasks/${dataset.task}`,
      ...(modules.hasPrelude ? ['preludes'] : []),
      ...(hasPresets ? ['presets'] : []),
      ...Object.values(readers).map((name) => `readers/${name}`),
      ...recipe.hints.map(({ id }) => `hints/${moduleName(id)}`),
      ...(recipe.hints.length > 0 ? [`weighting/${moduleName(recipe.weighting.id)}`] : []),
      ...(modules.teacher ? [`teachers/${modules.teacher}`] : []),
      `optimisers/${recipe.schedule.optimiser === 'dot' ? 'dot' : 'plain'}`,
      ...(bundle.strongView ? ['strong'] : []),
      ...(drawsBalanced(recipe) ? ['balanced'] : []),
      ...(stopped ? ['stopped'] : []),
    ]),
    ...(layout === 'folders' ? { 'data/train.csv': trainTable(bundle) } : {}),
    // Answers of the test split are by its rows, too.
    ...(layout === 'folders' && answers ? { 'data/test.csv': testTable(bundle) } : {}),
    ...weightFiles(bundle),
    ...(answers ? answersFiles(answers) : {}),
    ...(stopped ? filesOf(stoppedFiles(bundle, stopped)) : {}),
  };
  const encoder = new TextEncoder();
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? encoder.encode(content) : content,
    ]),
  );
}

/** Scripts of some modules, with the networks. */
function scriptsOf(bundle: ExportBundle, modules: readonly string[]): Record<string, string> {
  const scripts = scriptsFor(modules);
  const hasPlain = Object.values(scripts).some((text) => text.includes('make_plain_student'));
  const networks = networksModule(bundle, hasPlain);
  return { ...scripts, ...scriptsFor(networks.modules), 'networks/__init__.py': networks.text };
}

/** Whether `train.py` can go on from where the run stands, or why not; nothing of a run that has reached its end. */
function stoppedAbout(bundle: ExportBundle) {
  const state = stoppedStateOf(bundle);
  return state ? { done: state.done } : (bundle.stopped ?? {});
}

const filesOf = ({ state, arrays }: StoppedFiles) => ({
  'weights/stopped.json': `${JSON.stringify(state, null, 1)}\n`,
  'weights/stopped.safetensors': writeSafetensors(arrays),
});

/** How the columns of a table become numbers. */
function columnsOf(spec: InputSpec) {
  return spec.kind === 'vector'
    ? { names: spec.names, ...(spec.columns ? { columns: spec.columns } : {}) }
    : {};
}

/** [H,W,C] of the images as they are stored, or [D]. */
function shapeOf(spec: InputSpec): number[] {
  return spec.kind === 'image' ? [spec.height, spec.width, spec.channels] : [spec.names.length];
}

/** What is asked, by what loss it is learned and by what score it is judged, as `tasks/` reads it. */
function describeTask({ dataset: { task, target }, feed: { targets } }: ExportBundle) {
  const { loss, scores } = taskAbouts[task];
  const [{ short, better }] = scores;
  return {
    id: task,
    names: target.names,
    ...(target.kind === 'number' ? { units: target.units } : {}),
    ...(targets?.scale ? { scale: targets.scale } : {}),
    loss: loss.key,
    score: { name: short, unit: scoreUnit(scores[0], targets), better },
  };
}

function weightFiles({
  recipe,
  teachers,
  student,
  studentStart,
  hintsStart,
  weightingStart,
  feed,
  teacherFeed = feed,
}: ExportBundle) {
  const file = (arrays: NamedArray[], network: string, given = feed) =>
    writeSafetensors(arrays, aboutToMetadata({ network, ...given }));
  const { network } = recipe.student;
  return {
    'weights/student.safetensors': file(student, network),
    'weights/student-start.safetensors': file(studentStart, network),
    ...Object.fromEntries(
      teachers.flatMap(({ network: name, weights, start }, i) => {
        const named = (suffix: string, arrays: NamedArray[]): [string, Uint8Array<ArrayBuffer>] => [
          `weights/${teacherFile(i, teachers.length, suffix)}`,
          file(arrays, name, teacherFeed),
        ];
        return [named('', weights), ...(start ? [named('-start', start)] : [])];
      }),
    ),
    ...(weightingStart.length > 0
      ? { 'weights/weighting-start.safetensors': writeSafetensors(weightingStart) }
      : {}),
    ...(hintsStart.length > 0 ? { 'weights/hints-start.safetensors': writeSafetensors(hintsStart) } : {}),
  };
}

function teacherFile(place: number, count: number, suffix = ''): string {
  return `teacher${count === 1 ? '' : `-${place + 1}`}${suffix}.safetensors`;
}

/** As `networks/base.py` reads it: the shape of what goes in. */
const inputOf = (network: string, { input }: FeedAbout) => ({ network, input });
