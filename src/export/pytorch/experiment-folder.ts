/**
 * An experiment as a folder whose runs PyTorch carries out: what several runs read alike lies in `shared/` once, the rest in a
 * folder for each of its cells; scripts beside them put a run together, train it, and write results that the page opens.
 */
import { zipSync, type Zippable } from 'fflate';
import type { Dataset } from '../../data/dataset';
import type { Experiment, ExperimentFile } from '../../experiment/experiment';
import type { CellResult } from '../../experiment/table';
import { scoreUnit, taskAbouts } from '../../distill/tasks/about';
import type { ExportBundle } from '../../training/export-bundle';
import type { ExportedFile } from '../exported-file';
import { experimentReadme } from './experiment-readme';
import { pytorchProject } from './project';
import { arrayFiles, dataLayout } from './project-data';
import { folderFiles, studiedOf } from './project-zip';

const experimentScripts = import.meta.glob<string>('./experiment/*.py', {
  query: '?raw',
  import: 'default',
  eager: true,
});

type Bytes = Uint8Array<ArrayBuffer>;

/** A cell that leaves. */
export interface LeavingCell {
  entry: number;
  seed: number;
  bundle: ExportBundle;
}

/** A cell that stays, and why. */
export interface StayingCell {
  /** With its seed. */
  name: string;
  why: string;
}

export interface ExperimentAbout {
  /** Name of the folder, and of the zip without its ending. */
  name: string;
  experiment: Experiment;
  /** The same as `readExperiment` takes it. */
  file: ExperimentFile;
  /** The page's own. */
  results: readonly CellResult[];
  staying: readonly StayingCell[];
}

interface PackedCell {
  id: string;
  entry: number;
  seed: number;
  /** Digest of each file, by its path in the folder of a run. */
  files: Map<string, string>;
  about: object;
}

/** Images of classes as files: a folder of them is shared as a whole. */
interface Pictures {
  files: Record<string, Bytes>;
  /** Where they lie below `shared`. */
  place: string;
}

export class ExperimentFolder {
  private readonly contents = new Map<string, Bytes>();
  private readonly cells: PackedCell[] = [];
  /** By what they show. */
  private readonly pictures = new Map<string, Pictures>();

  /** @param imported the set that the recipe names; null leaves the data out */
  async add({ entry, seed, bundle }: LeavingCell, title: string, imported: Dataset | null): Promise<void> {
    const set = imported && studiedOf(bundle, imported);
    const files = new Map<string, string>();
    const put = async (path: string, bytes: Bytes) => {
      const digest = await sha256(bytes);
      this.contents.set(digest, bytes);
      files.set(path, digest);
    };
    const isFolders = dataLayout(bundle.dataset) === 'folders';
    const project = pytorchProject(bundle, title);
    for (const [path, bytes] of Object.entries(project)) await put(path, bytes);
    const pictures = set && isFolders ? await this.addPictures(set) : undefined;
    if (set && !isFolders)
      for (const [path, bytes] of Object.entries(arrayFiles(bundle, set))) await put(`data/${path}`, bytes);
    const { task } = bundle.dataset;
    const [score] = taskAbouts[task].scores;
    const unit = score.unit === 'target' ? { unit: scoreUnit(score, bundle.feed.targets) } : {};
    this.cells.push({
      ...{ id: `${entry}-${seed}`, entry, seed, files },
      about: {
        extraLabels: bundle.rows.meta.length,
        ...(task === 'classification' ? {} : { task: { task, ...unit } }),
        ...(pictures === undefined ? {} : { pictures }),
      },
    });
  }

  /** @returns their key */
  private async addPictures(set: Dataset): Promise<string> {
    const key = await keyOf(set);
    if (this.pictures.has(key)) return key;
    const files = await folderFiles(set, () => undefined);
    const place = this.pictures.size === 0 ? 'data' : `data-${this.pictures.size + 1}`;
    this.pictures.set(key, { files, place });
    return key;
  }

  /** The folder as a zip. */
  zip({ name, experiment, file, results, staying }: ExperimentAbout): ExportedFile {
    const files: Zippable = {};
    const encoder = new TextEncoder();
    const write = (path: string, text: string) => (files[`${name}/${path}`] = encoder.encode(text));
    for (const [path, text] of Object.entries(experimentScripts))
      write(path.slice('./experiment/'.length), text);
    const places = this.places();
    for (const [digest, place] of places) {
      const bytes = this.contents.get(digest)!;
      files[`${name}/${place}`] = place.endsWith('.safetensors') ? [bytes, { level: 1 }] : bytes;
    }
    // PNG files are compressed already.
    for (const { place, files: pictures } of this.pictures.values())
      for (const [path, bytes] of Object.entries(pictures))
        files[`${name}/shared/${place}/${path}`] = [bytes, { level: 0 }];
    const cells = this.cells.map((cell) => {
      const { pictures, ...about } = cell.about as { pictures?: string };
      const own: Record<string, string> = {};
      for (const [path, digest] of cell.files) {
        const place = places.get(digest)!;
        if (place !== `cells/${cell.id}/${path}`) own[path] = place;
      }
      const of = pictures === undefined ? undefined : this.pictures.get(pictures);
      const folders = new Set(Object.keys(of?.files ?? {}).map((path) => path.split('/')[0]!));
      for (const folder of folders) own[`data/${folder}`] = `shared/${of!.place}/${folder}`;
      write(`cells/${cell.id}/files.json`, `${JSON.stringify(own, null, 1)}\n`);
      const { name: row, method } = experiment.entries[cell.entry]!;
      return { id: cell.id, entry: cell.entry, seed: cell.seed, name: row, method, ...about };
    });
    write(
      'experiment.json',
      `${JSON.stringify({ title: experiment.title, experiment: file, cells, left: staying, results }, null, 1)}\n`,
    );
    write('README.md', experimentReadme(experiment, results, cells.length, staying));
    write(
      'requirements.txt',
      'torch>=1.13\nnumpy\n# With --workers or --scheduler:\n# dask[distributed]>=2022.12\n',
    );
    return {
      name: `${name}.zip`,
      blob: new Blob([zipSync(files) as Bytes], { type: 'application/zip' }),
    };
  }

  /**
   * Where each content lies: below its cell what no other has; in `shared/` what several have, or is a script. Of contents of
   * one path that several have, the most frequent one keeps the path.
   */
  private places(): Map<string, string> {
    const users = new Map<string, Map<string, string[]>>();
    for (const { id, files } of this.cells)
      for (const [path, digest] of files) {
        const ofPath = users.get(path) ?? new Map<string, string[]>();
        users.set(path, ofPath.set(digest, [...(ofPath.get(digest) ?? []), id]));
      }
    const places = new Map<string, string>();
    for (const [path, ofPath] of users) {
      const sorted = [...ofPath].toSorted(([, a], [, b]) => b.length - a.length);
      let isTaken = false;
      for (const [digest, ids] of sorted) {
        if (places.has(digest)) continue;
        if (ids.length === 1 && !path.endsWith('.py')) places.set(digest, `cells/${ids[0]}/${path}`);
        else {
          places.set(digest, isTaken ? `shared/variants/${digest.slice(0, 8)}/${path}` : `shared/${path}`);
          isTaken = true;
        }
      }
    }
    return places;
  }
}

/** Of a set's pictures and classes: runs may study the same set, or each another change of it. */
async function keyOf({ train, test }: Dataset): Promise<string> {
  const parts = [train, test].flatMap(({ inputs, targets }) => [
    ...Object.values(inputs).map(({ values }) => values),
    targets.values,
  ]);
  const digests = await Promise.all(
    parts.map((values) =>
      sha256(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength)),
    ),
  );
  return digests.join();
}

/** In hex. */
async function sha256(bytes: Bytes): Promise<string> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  const digest = subtle
    ? new Uint8Array(await subtle.digest('SHA-256', bytes))
    : (await import('@noble/hashes/sha2.js')).sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
