/**
 * A PyTorch project that continues a recipe: scripts, networks, weights, training rows, and numbers to check against.
 */
import { onlyView, type InputSpec } from '../../data/dataset';
import { writeSafetensors } from '../../nn/safetensors';
import { aboutToMetadata } from '../../nn/weights-about';
import type { NamedArray } from '../../nn/layouts';
import type { ExportBundle } from '../../training/export-bundle';
import type { WrittenNetwork } from '../../nn/graph/emit';
import type { GraphNode } from '../../nn/graph/model-graph';
import type { HintId } from '../../distill/hints/abouts';
import { torchSources } from '../../distill/hints/torch';
import { scoreUnit, taskAbouts } from '../../distill/tasks/about';
import arraysScript from './project/arrays.py?raw';
import dataScript from './project/data.py?raw';
import foldersScript from './project/folders.py?raw';
import hintsScript from './project/hints/__init__.py?raw';
import hintBaseScript from './project/hints/base.py?raw';
import picturesScript from './project/pictures.py?raw';
import networkScript from './project/network.py?raw';
import tasksScript from './project/tasks.py?raw';
import trainScript from './project/train.py?raw';
import viewsScript from './project/views.py?raw';
import weightsScript from './project/weights.py?raw';
import { classFolders, dataLayout, roles, trainTable } from './project-data';
import { readme, teachesHere } from './readme';

/** Files by path, without the images or arrays. */
export function pytorchProject(bundle: ExportBundle, title: string): Record<string, Uint8Array<ArrayBuffer>> {
  const { recipe, hintKeys, teachers, feed, teacherFeed, firstBatch, score, dataset } = bundle;
  const student = recipe.student.network;
  const layout = dataLayout(dataset);
  const input = dataset.inputs[onlyView]!;
  const description = {
    recipe,
    hintKeys,
    task: describeTask(bundle),
    data: layout,
    ...(layout === 'folders' ? { folders: classFolders(dataset) } : { roles }),
    input: { kind: input.kind, shape: shapeOf(input) },
    mean: feed.normalisation.mean,
    deviation: feed.normalisation.deviation,
    ...(teacherFeed
      ? { teacherMean: teacherFeed.normalisation.mean, teacherDeviation: teacherFeed.normalisation.deviation }
      : {}),
    firstBatch,
    score,
    metadata: aboutToMetadata({ network: student, ...feed }),
    teachesHere: teachesHere(bundle),
    student: describeNetwork(student, bundle.writtenStudent),
    teachers: teachers.map(({ network, written }, i) => ({
      ...describeNetwork(network, written),
      weights: teacherFile(i, teachers.length),
    })),
  };
  const files: Record<string, string | Uint8Array<ArrayBuffer>> = {
    'README.md': readme(bundle, title),
    'recipe.json': descriptionJson(description),
    'train.py': trainScript,
    'network.py': networkScript,
    'hints/__init__.py': hintsScript,
    'hints/base.py': hintBaseScript,
    ...hintFiles(recipe.hints.map(({ id }) => id)),
    'tasks.py': tasksScript,
    'data.py': dataScript,
    'views.py': viewsScript,
    'weights.py': weightsScript,
    ...(layout === 'folders'
      ? {
          'folders.py': foldersScript,
          'pictures.py': picturesScript,
          'data/train.csv': trainTable(bundle),
        }
      : { 'arrays.py': arraysScript }),
    ...weightFiles(bundle),
  };
  const encoder = new TextEncoder();
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? encoder.encode(content) : content,
    ]),
  );
}

/** [H,W,C] of the images as they are stored, or [D]. */
function shapeOf(spec: InputSpec): number[] {
  return spec.kind === 'image' ? [spec.height, spec.width, spec.channels] : [spec.names.length];
}

/** What is asked, by what loss it is learned and by what score it is judged, as `tasks.py` reads it. */
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

/** The losses of these hints and those that they build on, a file each. */
function hintFiles(ids: readonly HintId[]): Record<string, string> {
  const files: Record<string, string> = {};
  const modules = new Map(
    Object.entries(torchSources).map(([id, source]) => [id.replaceAll('-', '_'), source]),
  );
  const add = (module: string) => {
    const source = modules.get(module);
    if (source === undefined || files[`hints/${module}.py`]) return;
    files[`hints/${module}.py`] = source;
    for (const [, other] of source.matchAll(/^from \.(\w+) import/gm)) add(other!);
  };
  ids.forEach((id) => add(id.replaceAll('-', '_')));
  return files;
}

function weightFiles({
  recipe,
  teachers,
  student,
  studentStart,
  hintsStart,
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
      teachers.map(({ network: name, weights }, i) => [
        `weights/${teacherFile(i, teachers.length)}`,
        file(weights, name, teacherFeed),
      ]),
    ),
    ...(hintsStart.length > 0 ? { 'weights/hints-start.safetensors': writeSafetensors(hintsStart) } : {}),
  };
}

function teacherFile(place: number, count: number): string {
  return count === 1 ? 'teacher.safetensors' : `teacher-${place + 1}.safetensors`;
}

/** Nodes and outputs of a network, as `network.py` reads them. */
function describeNetwork(network: string, { input, nodes, trace, constants }: WrittenNetwork) {
  const matrices = new Map(constants.map((constant) => [constant.name, constant]));
  const steps = nodes.map((node) => {
    const matrix = node.kind === 'dense' ? matrices.get(node.kernel) : undefined;
    return matrix ? blendStep(node, matrix) : stepOf(node);
  });
  return { network, input, trace, nodes: steps };
}

/** A fixed matrix with one row per output, as in PyTorch's linear layers. */
function blendStep({ name, inputs, shape: output }: GraphNode, { shape, torch }: Constant) {
  const [width] = shape;
  const matrix = Array.from({ length: shape[1]! }, (_, row) => torch.slice(row * width!, (row + 1) * width!));
  return { name, kind: 'blend', inputs, shape: output, layer: name, matrix };
}

type Constant = WrittenNetwork['constants'][number];

/** A node with the module path of its layer in place of the names of its weights. */
function stepOf(node: GraphNode): Record<string, unknown> {
  const { name, kind, inputs, shape } = node;
  const common = { name, kind, inputs, shape };
  const path = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'));
  switch (node.kind) {
    case 'conv': {
      const { size, stride, padding, groups, bias } = node;
      const layer = { layer: path(node.kernel), size, stride, padding, groups, bias: bias !== null };
      return { ...common, ...layer, ...roundingOf(node) };
    }
    case 'dense':
      return { ...common, layer: path(node.kernel), bias: node.bias !== null, ...roundingOf(node) };
    case 'batchNorm':
      return { ...common, layer: path(node.scale) };
    case 'dropout':
      return { ...common, layer: name, rate: node.rate };
    default:
      return { ...node };
  }
}

function roundingOf({ rounding }: Pick<Extract<GraphNode, { kind: 'dense' }>, 'rounding'>) {
  return rounding ? { rounding } : {};
}

/** Indented, with one node of the network per line. */
function descriptionJson(description: object): string {
  const nodes: string[] = [];
  const marked = JSON.stringify(
    description,
    (key, value: unknown) => {
      if (key !== 'nodes' || !Array.isArray(value)) return value;
      return value.map((node) => `@node${nodes.push(JSON.stringify(node)) - 1}`);
    },
    2,
  );
  return `${marked.replaceAll(/"@node(\d+)"/g, (_, i: string) => nodes[Number(i)]!)}\n`;
}
