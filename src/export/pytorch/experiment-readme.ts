/** The README of an experiment's folder. */
import type { Experiment } from '../../experiment/experiment';
import { unfairnessOf, type CellResult } from '../../experiment/table';
import type { StayingCell } from './experiment-folder';

/**
 * @param results the page's own
 * @param leaving how many of its runs are in the folder
 */
export function experimentReadme(
  experiment: Experiment,
  results: readonly CellResult[],
  leaving: number,
  staying: readonly StayingCell[],
): string {
  const { title, note, entries, seeds } = experiment;
  const mind = unfairnessOf(experiment, results);
  const minded =
    mind.length === 0
      ? ''
      : `
Mind when you compare:

${mind.map((sentence) => `- ${sentence}`).join('\n')}
`;
  const left =
    staying.length === 0
      ? ''
      : `
## What stayed behind

${staying.map(({ name, why }) => `- ${name}: ${why}`).join('\n')}
`;
  return `# ${title}

An experiment of Retort: ${entries.length} rows, seeds ${seeds.join(', ')}, ${leaving} runs, each with the first weights, rows and teacher of the page.
${note ? `\n${note}\n` : ''}
    python run_experiment.py                               one run after another
    python run_experiment.py --workers 4                   four at a time on this machine
    python run_experiment.py --scheduler tcp://host:8786   on a Dask cluster that is there
    python run_experiment.py -- --device cuda              what follows "--" goes to train.py

It needs Python 3.8 or newer with torch and numpy; \`--workers\` and \`--scheduler\` need \`dask\` and \`distributed\`.

Every run is a folder of its own in \`runs/\`, put together from \`shared/\` and \`cells/\`: \`python train.py\` there trains it alone, and \`log.txt\`
has all that it said. A run that has ended has a \`done.json\` and is not repeated, so the same command goes on after a fault or a kill. A run
that broke off goes on from its last checkpoint (\`checkpoint.pt\`, written at each measurement), and one whose worker dies is taken up by
another. Failures are listed at the end, and stand in \`failure.txt\` of their run.

Where the page trains a baseline (no teacher) beside each student, it is a run of its own here, once for all rows with the same data, student
and training.

## Results

\`results.json\` opens in the page under “Experiment”, beside the page's own results if it had some. \`results.csv\` has a row for each run, in the
page's first columns. In each folder of \`runs/\`, \`metrics.json\` and \`student.safetensors\` open in the page together, as a run.
${minded}
## A cluster

The folder must lie where all workers see it under the same path. Under SLURM, dask-jobqueue starts the workers:

    from dask_jobqueue import SLURMCluster
    cluster = SLURMCluster(cores=4, memory="16GB", processes=1, job_extra_directives=["--gres=gpu:1"])
    cluster.scale(jobs=8)
    print(cluster.scheduler_address)

Leave that program open and give the address to \`--scheduler\`. On several cards of one machine, start a worker for each with
\`CUDA_VISIBLE_DEVICES=0 dask worker tcp://host:8786 --nthreads 1\`.

## What is here

| file | content |
| --- | --- |
| \`run_experiment.py\` | carries the runs out |
| \`cells.py\` | one run: its folder, its process, its baseline |
| \`results.py\` | \`results.json\`, \`results.csv\` and the table |
| \`experiment.json\` | the experiment as the page reads it, its runs, the page's own results |
| \`shared/\` | what several runs read: scripts, data, teachers |
| \`cells/\` | what one run has for itself: \`recipe.json\`, weights; \`files.json\` says which shared files belong to it |
${left}`;
}
