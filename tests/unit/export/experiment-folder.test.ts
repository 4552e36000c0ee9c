/** The folder of an experiment: what lies in it, and what comes back from it. */
import { beforeAll, expect, test } from 'vitest';
import { cellsOf, readExperiment } from '../../../src/experiment/experiment';
import { cellsWithResults, readOutsideResults } from '../../../src/experiment/outside-results';
import { tableOf, type CellResult } from '../../../src/experiment/table';
import { useWasm } from '../../support/wasm-in-node';
import { experimentOf, folderOf, unzipped } from './experiment-cells';

beforeAll(useWasm);

test('what several runs read lies in the folder once, and each run is put together from it', async () => {
  const experiment = experimentOf(['kd', 'fitnet'], [1, 2]);
  const files = await unzipped(await folderOf(experiment));
  const text = (path: string) => new TextDecoder().decode(files[path]!);
  const about = JSON.parse(text('experiment.json')) as {
    cells: { id: string; name: string }[];
    left: unknown[];
  };
  expect(about.cells.map(({ id }) => id)).toEqual(['0-1', '1-1', '0-2', '1-2']);
  const scripts = Object.keys(files).filter((path) => path.endsWith('train.py'));
  expect(scripts).toEqual(['shared/train.py']);
  // One teacher and one student for each seed; their names say so where they are not the only ones.
  const teachers = Object.keys(files).filter((path) => path.endsWith('weights/teacher.safetensors'));
  expect(teachers.map((path) => path.split('/')[0])).toEqual(['shared', 'shared']);
  for (const { id } of about.cells) {
    const shared = JSON.parse(text(`cells/${id}/files.json`)) as Record<string, string>;
    for (const place of Object.values(shared))
      expect(
        Object.keys(files).some((path) => path === place || path.startsWith(`${place}/`)),
        place,
      ).toBe(true);
    const own = Object.keys(files).flatMap((path) =>
      path.startsWith(`cells/${id}/`) ? [path.slice(`cells/${id}/`.length)] : [],
    );
    for (const needed of [
      'recipe.json',
      'train.py',
      'weights/teacher.safetensors',
      'data/train',
      'data/train.csv',
    ])
      expect([...own, ...Object.keys(shared)], needed).toContain(needed);
    expect([...own, ...Object.keys(shared)].includes('hints/fitnet.py')).toBe(id.startsWith('1'));
  }
  expect(text('README.md')).toContain('4 runs');
});

const file = {
  version: 2,
  title: 'Two ways',
  base: { version: 2, student: { network: 'mlp-16' } },
  seeds: [1, 2],
  entries: [{ method: 'kd' }, { method: 'dkd', set: { 'schedule.steps': 50 } }],
};
const { experiment } = readExperiment(file);
const resultsOf = (score: number): CellResult[] =>
  cellsOf(experiment!).map(({ entry, seed }) => ({
    ...{ entry, seed, student: score + entry / 100, control: score, teacher: 0.9 },
    ...{ seconds: 2, stepMs: 3, scores: { nll: { student: 1, control: 2 } }, failure: null },
  }));
const content = {
  format: 'retort-results',
  version: 1,
  trainedIn: 'PyTorch 9 on cpu (x)',
  experiment: file,
  page: resultsOf(0.7),
  results: resultsOf(0.8).slice(0, 3),
};

test('results of another program stand below the page’s own rows, each with its recipe', () => {
  const found = readOutsideResults(content);
  if ('problem' in found) throw new Error(found.problem);
  const read = readExperiment(found.file);
  expect(read.problems).toEqual([]);
  expect(read.experiment!.title).toBe('Two ways, PyTorch 9');
  const { entries } = read.experiment!;
  expect(entries.map(({ method }) => method)).toEqual(['kd', 'dkd', 'kd', 'dkd']);
  expect(entries[3]!.name).toBe(`${entries[1]!.name}, PyTorch 9`);
  expect(entries[3]!.recipe.schedule.steps).toBe(50);
  const cells = cellsWithResults(found);
  expect(cells).toHaveLength(8);
  expect(cells.filter(({ result }) => result === null)).toHaveLength(1);
  const lines = tableOf(read.experiment!, found.results);
  expect(lines.map(({ runs }) => runs)).toEqual([2, 2, 2, 1]);
  expect(lines[2]!.student!.mean).toBeCloseTo(0.8);
  const alone = readOutsideResults({ ...content, page: [] });
  expect('file' in alone && alone.file.entries).toHaveLength(2);
});

test('a file of results that cannot be used says what is wrong', () => {
  const broken = { ...content, results: [{ entry: 0 }] };
  expect(readOutsideResults(broken)).toMatchObject({
    problem: expect.stringContaining('results.0') as string,
  });
});
