/**
 * A PyTorch project that continues a recipe: scripts, networks, weights, training rows, and numbers to check against.
 */
import { folderNames } from '../../data/export-folders';
import { writeSafetensors } from '../../nn/safetensors';
import { aboutToMetadata } from '../../nn/weights-about';
import type { NamedArray } from '../../nn/layouts';
import type { ExportBundle } from '../../training/export-bundle';
import { asText, csvTable } from '../csv-table';
import type { WrittenNetwork } from '../../nn/graph/emit';
import type { GraphNode } from '../../nn/graph/model-graph';
import type { HintId } from '../../distill/hints/abouts';
import { torchSources } from '../../distill/hints/torch';
import dataScript from './project/data.py?raw';
import hintsScript from './project/hints/__init__.py?raw';
import hintBaseScript from './project/hints/base.py?raw';
import picturesScript from './project/pictures.py?raw';
import networkScript from './project/network.py?raw';
import trainScript from './project/train.py?raw';
import weightsScript from './project/weights.py?raw';
import { readme } from './readme';

/** Files by path, without the images. */
export function pytorchProject(bundle: ExportBundle, title: string): Record<string, Uint8Array<ArrayBuffer>> {
  const { recipe, hintKeys, teachers, normalisation, teacherFeed, firstBatch, accuracy } = bundle;
  const { classes, height, width, channels } = bundle.dataset;
  const student = recipe.student.network;
  const description = {
    recipe,
    hintKeys,
    classes,
    folders: folderNames(classes.map(asText)),
    image: [height, width, channels],
    mean: normalisation.mean,
    deviation: normalisation.deviation,
    ...(teacherFeed
      ? { teacherMean: teacherFeed.normalisation.mean, teacherDeviation: teacherFeed.normalisation.deviation }
      : {}),
    firstBatch,
    accuracy,
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
    'data.py': dataScript,
    'pictures.py': picturesScript,
    'weights.py': weightsScript,
    'data/train.csv': trainTable(bundle),
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
  dataset,
  teachers,
  student,
  studentStart,
  hintsStart,
  normalisation,
  input,
  teacherFeed = { input, normalisation },
}: ExportBundle) {
  const file = (arrays: NamedArray[], network: string, feed = { input, normalisation }) =>
    writeSafetensors(arrays, aboutToMetadata({ network, classes: dataset.classes, ...feed }));
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

/** One line per training image, in the order of the set: its file, the label the student is given, its role. */
function trainTable({ rows, givenLabels, dataset }: ExportBundle): string {
  // The table contains these names unescaped, so no folder may look like a formula.
  const folders = folderNames(dataset.classes.map(asText));
  const trainLabels = dataset.train.labels;
  const roles = new Array<string>(trainLabels.length).fill('unused');
  for (const role of ['labelled', 'unlabelled', 'meta', 'validation'] as const)
    for (const row of rows[role]) roles[row] = role;
  const lines = Array.from(trainLabels, (label, row) => {
    const given = givenLabels[row]!;
    const file = `${folders[label]}/${String(row).padStart(5, '0')}.png`;
    return [file, given < 0 ? null : given, roles[row]!];
  });
  return csvTable(['file', 'given', 'role'], lines);
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
