import { useRef } from 'react';
import { useWindowEvent } from '@mantine/hooks';
import { ActionIcon, Button, Menu, NumberInput, TextInput } from '@mantine/core';
import { aboutDuration } from '../format';
import { Icon } from '../shell/icons';
import { useLibrary, useRuns, useView } from '../store/hooks';
import type { ExperimentProgress } from '../store/runs/runs-store';
import { SaveExperiment } from './SaveExperiment';
import classes from './experiment.module.css';

/** How far an experiment has come, and how it is steered. */
export function ExperimentHead({ progress }: { progress: ExperimentProgress }) {
  const { row, total, results, current, elsewhere } = progress;
  const {
    pauseExperiment,
    resumeExperiment,
    stopExperiment,
    continueExperiment,
    retryExperiment,
    clearExperiment,
  } = useRuns((state) => state);
  const failed = results.filter(({ failure }) => failure !== null).length;
  const isPaused = row.state === 'paused';
  return (
    <div className={classes.head}>
      <div>
        <h3>{row.name}</h3>
        <p role="status">{statusText(progress)}</p>
      </div>
      <div
        className={classes.track}
        role="progressbar"
        aria-label="Experiment"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={results.length}
      >
        <i style={{ width: `${(results.length / total) * 100}%` }} />
      </div>
      {current ? (
        <>
          <Workers />
          <Button variant="default" onClick={isPaused ? resumeExperiment : pauseExperiment}>
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button variant="default" onClick={stopExperiment}>
            Stop
          </Button>
        </>
      ) : (
        <>
          {results.length < total && !elsewhere && (
            <>
              <Workers />
              <Button onClick={() => void continueExperiment()}>
                {row.cells.some(({ run }) => run !== null) ? 'Continue' : 'Start'}
              </Button>
            </>
          )}
          {failed > 0 && !elsewhere && (
            <Button
              variant="default"
              title="Those that failed go on from their last checkpoints, or begin again where there is none."
              onClick={() => void retryExperiment()}
            >
              {`Try ${failed} failed ${failed === 1 ? 'run' : 'runs'} again`}
            </Button>
          )}
          <Button variant="default" onClick={clearExperiment}>
            New experiment
          </Button>
        </>
      )}
      <SaveExperiment progress={progress} />
      <ExperimentMenu progress={progress} />
    </div>
  );
}

/** The number of runs that are trained at a time. */
function Workers() {
  const workers = useRuns((state) => state.workers);
  // The usual number follows the backend, the recipe's cost and what was asked for.
  useRuns((state) => state.workersAsked);
  useRuns((state) => state.backend);
  useRuns((state) => state.facts);
  const setWorkers = useRuns((state) => state.setWorkers);
  const { now, most } = workers();
  return (
    <NumberInput
      size="xs"
      w={92}
      label="Runs at a time"
      title="How many workers train. The results do not depend on it."
      min={1}
      max={most}
      value={now}
      disabled={most === 1}
      onChange={(value) => setWorkers(Math.min(most, Math.max(1, Math.round(Number(value) || 1))))}
    />
  );
}

function ExperimentMenu({ progress: { row, current, elsewhere, stored } }: { progress: ExperimentProgress }) {
  const { saveExperiment, renameExperiment, duplicateExperiment, deleteExperiment } = useRuns(
    (state) => state,
  );
  const set = useView((state) => state.set);
  /** As it was typed; "" for as it is. */
  const name = useRef('');
  // Before the menu hears of the key and closes.
  useWindowEvent('keydown', ({ key }) => void (key === 'Escape' && (name.current = '')), { capture: true });
  const rename = () => {
    if (name.current !== '' && name.current !== row.name) void renameExperiment(name.current);
    name.current = '';
  };
  return (
    // However the menu closes, the field goes with it before it could lose the focus.
    <Menu width={260} onClose={rename}>
      <Menu.Target>
        <ActionIcon size={30} aria-label="Experiment: more">
          <Icon name="more" size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <TextInput
          key={row.id}
          size="xs"
          label="Name"
          px="xs"
          pb="xs"
          defaultValue={row.name}
          disabled={elsewhere}
          onChange={({ currentTarget: { value } }) => (name.current = value.trim())}
          onKeyDown={({ key }) => {
            if (key === 'Enter' || key === 'Tab') rename();
          }}
        />
        <Menu.Item onClick={() => void saveExperiment('file')}>Experiment as a file</Menu.Item>
        <Menu.Item onClick={() => set({ panel: 'kept-teachers' })}>Kept teachers</Menu.Item>
        <Menu.Divider />
        <Menu.Item disabled={current !== null} onClick={() => void duplicateExperiment()}>
          Duplicate without results
        </Menu.Item>
        <Menu.Item disabled={current !== null || elsewhere || !stored} onClick={deleteExperiment}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function statusText({
  row,
  total,
  results,
  current,
  elsewhere,
  secondsLeft,
  running,
}: ExperimentProgress): string {
  const done = `${results.length} of ${total} runs`;
  if (elsewhere) return `${done}. Another tab carries this experiment out.`;
  if (!current) {
    if (results.length === total) return `${done}.`;
    return row.cells.some(({ run }) => run !== null) ? `${done}, stopped.` : `${total} runs, not started.`;
  }
  if (row.state === 'paused') return `${done}, paused.`;
  // Once nothing else computes.
  if (results.length === total) return `${done}. Measuring latencies.`;
  const left = secondsLeft === null ? '' : `, ${aboutDuration(secondsLeft)} left`;
  const now = running.size > 1 ? `${running.size} at a time` : current.name || 'starting';
  return `${done}${left}. Now: ${now}${running.size > 1 || !current.name ? '' : `, seed ${current.seed}`}.`;
}

/** The experiments that are stored. */
export function ExperimentList() {
  const experiments = useRuns((state) => state.experiments);
  const openExperiment = useRuns((state) => state.openExperiment);
  const keeping = useLibrary((state) => state.keeping);
  if (experiments.length === 0 || !keeping) return null;
  return (
    <section className={classes.stored} aria-label="Stored experiments">
      <h3>Stored experiments</h3>
      <ul>
        {experiments.map(({ id, name, done, total, state, held }) => (
          <li key={id}>
            <button type="button" onClick={() => void openExperiment(id)}>
              <b>{name}</b> {done} of {total} runs
              {held ? ', going on in another tab' : state === 'running' ? ', interrupted' : ''}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
