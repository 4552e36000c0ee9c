/** Adding a run that was trained by another program: `metrics.json` with the weights beside it. */
import type { ImportFile } from '../../data/import-report';
import { mostCharacters } from '../../limits/texts';
import { readOutsideMetrics, type OutsideMetrics } from '../../record/outside-metrics';
import { addRun } from '../../storage/library';
import { bytes } from '../format';
import { newRunId } from '../store/library/library-store';
import type { Session } from '../store/session';

export interface OutsideFiles {
  metrics: OutsideMetrics;
  /** Null where no weights came with it: there are curves alone. */
  student: ImportFile | null;
  teacher: ImportFile | null;
}

const folderOf = ({ path }: ImportFile) => path.slice(0, path.lastIndexOf('/') + 1);
const isNumbers = ({ path }: ImportFile) => /\.json$/i.test(path);

/** @returns null where there is no such file among them; else what they hold, or a sentence about why they cannot be used */
export async function readOutsideFiles(
  files: readonly ImportFile[],
): Promise<OutsideFiles | { problem: string } | null> {
  const numbers = files.find(({ path }) => /(^|[-_/.])metrics\.json$/i.test(path)) ?? files.find(isNumbers);
  if (!numbers) {
    const isWeights = files.some(({ path }) => /\.safetensors$/i.test(path));
    if (isWeights)
      return {
        problem: 'These are weights alone. Choose metrics.json of the same folder together with them.',
      };
    return null;
  }
  if (numbers.bytes.size > mostCharacters.jsonFile)
    return { problem: `${numbers.path} is larger than ${bytes(mostCharacters.jsonFile)}. No such file is.` };
  let content: unknown;
  try {
    content = JSON.parse(await numbers.bytes.text());
  } catch {
    return { problem: `${numbers.path} is no JSON file, or a part of it is missing.` };
  }
  const metrics = readOutsideMetrics(content);
  if ('problem' in metrics) return metrics;
  const folder = folderOf(numbers);
  const called = (name: string) =>
    files.find(({ path }) => path === `${folder}${name}`) ??
    files.find(({ path }) => path.endsWith(name) && !path.includes('/')) ??
    null;
  const weights = files.filter(
    ({ path }) => /\.safetensors$/i.test(path) && folderOf({ path } as ImportFile) === folder,
  );
  const teacher = called('weights/teacher.safetensors') ?? called('teacher.safetensors');
  const student = called('student.safetensors') ?? weights.find((file) => file !== teacher) ?? null;
  return { metrics, student, teacher };
}

/** Stores the run and shows it. @throws Error with a sentence */
export async function addOutsideRun(
  { services, library, data, view }: Session,
  { metrics, student, teacher }: OutsideFiles,
): Promise<void> {
  const { recipe, name, trainedIn } = metrics;
  const isOwn = recipe.material.dataset === 'upload';
  const dataset = isOwn ? data.getState().ownSet() : null;
  if (isOwn && !dataset)
    throw new Error(
      'It was trained on a data set of your own. Import that first, under Data, and open the run again.',
    );
  const run = newRunId();
  await services.training.call('takeOutsideRun', {
    ...{ run, metrics, dataset },
    student: student?.bytes ?? null,
    teacher: teacher?.bytes ?? null,
  });
  await library.getState().withStorage('The run could not be added', async (to) => {
    const { runs, readRuns, viewRun } = library.getState();
    const number = (runs.at(-1)?.number ?? 0) + 1;
    await addRun(to, {
      ...{ id: run, number, name, recipe },
      note: recipe.note,
      notes: `Trained in ${trainedIn}.`,
      createdAt: Date.now(),
      deletedAt: null,
    });
    await readRuns();
    viewRun(run);
    view.getState().announce(`Run ${number} was added.`);
  });
  await library.getState().measureUsage();
}
