/** Saves an experiment as a folder whose runs PyTorch carries out, one after another or over a cluster. */
import {
  cellsOf,
  experimentVersion,
  fileOfRows,
  type Experiment,
  type ExperimentFile,
} from '../../experiment/experiment';
import { readRecipe } from '../../distill/recipe';
import type { StayingCell } from '../../export/pytorch/experiment-folder';
import { pytorchProblem } from '../../export/pytorch/supported';
import { sentenceOf } from '../../limits/texts';
import type { OwnSetRef } from '../../storage/set-handle';
import { download, fileName } from '../download';
import type { ExperimentProgress } from '../store/runs/runs-store';
import type { Session } from '../store/session';

/**
 * Cells that cannot leave stay, and the folder says why; teachers that are not kept are trained on the way.
 * @param say what is being done, and which share of it is
 * @returns the cells that stayed
 * @throws Error with a sentence where none can leave, or the folder cannot be written
 */
export async function saveExperimentFolder(
  { services: { training, exports }, data }: Session,
  { row, experiment, results }: Pick<ExperimentProgress, 'row' | 'experiment' | 'results'>,
  say: (text: string, share: number) => void,
): Promise<StayingCell[]> {
  const folder = crypto.randomUUID();
  const name = `${fileName(row.name)}-pytorch`;
  const cells = cellsOf(experiment);
  const staying: StayingCell[] = [];
  const own: OwnSetRef | null =
    row.dataset === null ? data.getState().ownSet() : { kind: 'stored', hash: row.dataset };
  for (const [place, { entry, seed, recipe }] of cells.entries()) {
    const title = `${experiment.entries[entry]!.name}, seed ${seed}`;
    const told = (text: string, share: number | null) =>
      say(`${text}: ${title}`, (place + (share ?? 0)) / cells.length);
    told('Collecting weights and rows', 0);
    const problem = pytorchProblem(recipe);
    if (problem !== null) {
      staying.push({ name: title, why: problem });
      continue;
    }
    const stored = row.cells.find((cell) => cell.entry === entry && cell.seed === seed && cell.result);
    const dataset = recipe.material.dataset === 'upload' ? own : null;
    try {
      const order = { recipe, dataset, run: stored?.run ?? null };
      const { bundle, set } = await training.call('cellBundle', order, { onProgress: told });
      await exports().call('cell', { folder, title, entry, seed, bundle, set });
    } catch (error) {
      staying.push({ name: title, why: sentenceOf(error) });
    }
  }
  if (staying.length === cells.length)
    throw new Error(`None of its runs can go on in PyTorch. ${staying[0]!.name}: ${staying[0]!.why}`);
  say('Packing the folder', 1);
  const whole = { ...experiment, title: row.name };
  const file = fileOf(whole, row.file);
  const packed = await exports().call('experiment', {
    ...{ folder, name, experiment: whole, file, results, staying },
  });
  download(packed.name, new Uint8Array(await packed.blob.arrayBuffer()), packed.blob.type);
  return staying;
}

/** The experiment with every row named, whatever its own file leaves out. */
function fileOf(experiment: Experiment, file: unknown): ExperimentFile {
  const { base, version } = (file ?? {}) as { base?: unknown; version?: unknown };
  const isPresent = version === experimentVersion;
  const rows = experiment.entries;
  return fileOfRows(
    readRecipe(base ?? {}, isPresent ? experimentVersion : 1).recipe,
    experiment,
    // Methods of an older version are applied otherwise; their recipes say the same in full.
    isPresent ? rows : rows.map((entry) => ({ ...entry, method: null })),
  );
}
