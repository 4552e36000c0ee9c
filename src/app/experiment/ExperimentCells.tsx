import { Button } from '@mantine/core';
import { useState } from 'react';
import type { CellResult } from '../../experiment/table';
import type { StoredCell } from '../../storage/schema';
import type { Phase } from '../../training/events';
import type { CellProgress } from '../../worker/pool';
import { useLibrary, useRuns, useView } from '../store/hooks';
import type { ExperimentProgress } from '../store/runs/runs-store';
import { primaryScore } from '../subject/score-format';
import classes from './experiment.module.css';

/** Every cell with its state; one that was begun opens in the instruments. */
export function ExperimentCells({ progress }: { progress: ExperimentProgress }) {
  const { row, experiment, running } = progress;
  const [opened, setOpened] = useState(false);
  const underWay = row.cells.filter(({ run }) => run !== null && running.has(run));
  return (
    <div className={classes.cells}>
      <Cells {...{ progress }} cells={opened ? row.cells : underWay} />
      <Button variant="subtle" size="compact-xs" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        {opened ? 'Hide the runs' : `Show all ${experiment.entries.length * experiment.seeds.length} runs`}
      </Button>
    </div>
  );
}

function Cells({ progress, cells }: { progress: ExperimentProgress; cells: readonly StoredCell[] }) {
  const { experiment, running } = progress;
  const viewRun = useLibrary((state) => state.viewRun);
  const known = useLibrary((state) => state.runs);
  const set = useView((state) => state.set);
  const paused = useRuns((state) => state.experiment?.row.state === 'paused');
  const ids = new Set(known.map(({ id }) => id));
  return (
    <ul>
      {cells.map(({ entry, seed, run, result }) => {
        const name = `${experiment.entries[entry]?.name ?? 'A row that is gone'}, seed ${seed}`;
        const now = run === null ? undefined : running.get(run);
        return (
          <li key={`${entry}/${seed}`}>
            <button
              type="button"
              disabled={run === null || !ids.has(run)}
              title="Shows the run in the instruments"
              onClick={() => {
                viewRun(run!);
                set({ panel: null });
              }}
            >
              {name}
            </button>
            <span>{stateText(result as CellResult | null, now, run !== null, paused)}</span>
            {now && (
              <progress max={Math.max(1, now.total)} value={now.done} aria-label={`Progress of ${name}`} />
            )}
          </li>
        );
      })}
    </ul>
  );
}

const phases: Readonly<Record<Phase, string>> = {
  generator: 'generator, ',
  teacher: 'teacher, ',
  prelude: 'initialisation, ',
  student: '',
};

function stateText(
  result: CellResult | null,
  now: CellProgress | undefined,
  begun: boolean,
  paused: boolean,
): string {
  if (result?.failure) return `failed: ${result.failure}`;
  if (result) {
    const { task, unit, student } = result;
    if (student === null) return 'done';
    const score = primaryScore({
      ...(task ? { task } : {}),
      ...(unit === undefined ? {} : { targets: { names: [], units: [unit] } }),
    });
    return score.text(student);
  }
  if (now) return `${phases[now.phase]}step ${now.done} of ${now.total}${paused ? ', paused' : ''}`;
  return begun ? 'interrupted' : 'waits';
}
