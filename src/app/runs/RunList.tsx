import { Button } from '@mantine/core';
import { memo, useState } from 'react';
import { backendTitles } from '../../engine/backend-names';
import { changesBetween } from '../recipe/diff';
import { LineSample } from '../recipe/LineSample';
import { methodName } from '../recipe/summaries';
import { computedOn } from '../instruments/chart-marks';
import { useIsTraining, useLibrary, useRunEntries, useOpenRecord, useRuns, useView } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import type { ExperimentSummary } from '../store/runs/runs-store';
import { canContinue, placeText } from '../store/library/library-store';
import { primaryScore } from '../subject/score-format';
import { learnerStyles } from '../theme/learner-styles';
import { CompareToggle } from './CompareToggle';
import { RunMenu } from './RunMenu';
import classes from './runs.module.css';
import { Sparkline, StoredSparkline } from './Sparkline';

/** The runs side by side, the newest first; cells of an experiment are folded into one entry. */
export default function RunList() {
  const runs = useRunEntries();
  const experiments = useRuns((state) => state.experiments);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const known = new Map(experiments.map((experiment) => [experiment.id, experiment]));
  const groupOf = ({ experiment }: RunEntry) => (experiment === null ? undefined : known.get(experiment));
  const seen = new Set<string>();
  return (
    <ul className={classes.runs}>
      {runs
        .map((run, place) => ({ run, former: runs[place - 1] ?? null, group: groupOf(run) }))
        .toReversed()
        .flatMap(({ run, former, group }) => {
          const entry = <Run key={run.id} run={run} former={former} />;
          if (!group) return [entry];
          const isOpen = opened.has(group.id);
          const head = seen.has(group.id) ? [] : [<Group key={group.id} {...{ group, isOpen, setOpened }} />];
          seen.add(group.id);
          return isOpen ? [...head, entry] : head;
        })}
    </ul>
  );
}

interface GroupProps {
  group: ExperimentSummary;
  isOpen: boolean;
  setOpened: (change: (opened: ReadonlySet<string>) => ReadonlySet<string>) => void;
}

/** An experiment in place of its runs. */
function Group({ group: { id, name, done, total, held, state }, isOpen, setOpened }: GroupProps) {
  const set = useView((view) => view.set);
  const openExperiment = useRuns((runs) => runs.openExperiment);
  return (
    <li className={classes.run}>
      <button
        type="button"
        className={classes.open}
        onClick={() => {
          set({ panel: 'experiment' });
          void openExperiment(id);
        }}
      >
        <span className={`${classes.name} ${classes.whole}`}>{name}</span>
        <span className={`${classes.method} ${classes.whole}`}>
          Experiment, {done} of {total} runs{held ? ', going on' : state === 'paused' ? ', paused' : ''}
        </span>
      </button>
      <Button
        className={classes.resume}
        size="compact-xs"
        variant="default"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? 'Hide' : 'Show'} the runs of ${name}`}
        onClick={() =>
          setOpened(
            (opened) => new Set(isOpen ? [...opened].filter((other) => other !== id) : [...opened, id]),
          )
        }
      >
        {isOpen ? 'Hide its runs' : 'Show its runs'}
      </Button>
    </li>
  );
}

/** Drawn again when its own run changes, not with every other. */
const Run = memo(function Run({ run, former }: { run: RunEntry; former: RunEntry | null }) {
  const viewed = useView((state) => state.viewed === run.id);
  const view = useLibrary((state) => state.viewRun);
  const history = useOpenRecord(run.id);
  const { final } = run;
  const moved = run.moves.at(-1);
  const isForeign = Boolean(run.backend) && !(run.backend! in backendTitles);
  // Without its record, the entry says what the numbers are.
  const score = primaryScore(history?.facts ?? scoredAs(run));
  const gain =
    final?.student !== undefined && final.control !== undefined
      ? score.gain(final.student, final.control)
      : null;
  return (
    <li className={classes.run} data-viewed={viewed || undefined}>
      <button type="button" className={classes.open} aria-pressed={viewed} onClick={() => view(run.id)}>
        <span className={classes.name}>
          <b>{run.number}</b> {run.name}
        </span>
        <span className={classes.method} data-state={run.elsewhere ? 'elsewhere' : run.state}>
          {run.state === 'finished' ? methodName(run.recipe).title : stateText(run)}
          {isForeign && <span title={run.backend!}>in {run.backend!.split(' on ')[0]}</span>}
          {moved && <span title={computedOn(run.backend, run.moves)!}>on {backendTitles[moved.to]}</span>}
        </span>
        {history ? (
          <Sparkline record={history} live={final === null} />
        ) : (
          run.curve && <StoredSparkline curve={run.curve} task={run.task} />
        )}
        {final && (
          <span className={classes.figures} title={score.axis}>
            {(['student', 'control', 'teacher'] as const).map(
              (learner) =>
                final[learner] !== undefined && (
                  <span key={learner}>
                    <LineSample style={learnerStyles[learner]} width={10} />
                    <span className={classes.hidden}>{learnerStyles[learner].label}</span>{' '}
                    {score.text(final[learner])}
                  </span>
                ),
            )}
            {gain !== null && <b>{score.signed(gain)}</b>}
          </span>
        )}
        <span className={classes.changes}>{changesText(run, former)}</span>
      </button>
      <CompareToggle run={run} />
      <RunMenu run={run} />
      {run.state === 'interrupted' && <GoOn run={run} />}
    </li>
  );
});

/** The way on for an interrupted run. */
function GoOn({ run }: { run: RunEntry }) {
  const resume = useRuns((state) => state.continueRun);
  const beginAgain = useRuns((state) => state.beginAgain);
  const busy = useIsTraining();
  return (
    <>
      {canContinue(run) && (
        <Button
          className={classes.resume}
          size="compact-xs"
          variant="default"
          disabled={busy}
          onClick={() => resume(run.id)}
          aria-label={`Resume run ${run.number}`}
        >
          Resume
        </Button>
      )}
      {run.saved === null && !run.elsewhere && (
        <Button
          className={classes.resume}
          size="compact-xs"
          variant="default"
          disabled={busy}
          onClick={() => void beginAgain(run.id)}
          aria-label={`Begin run ${run.number} again`}
        >
          Begin again
        </Button>
      )}
    </>
  );
}

/** What an entry knows of its scores. */
function scoredAs({ task, unit }: RunEntry) {
  return {
    ...(task ? { task } : {}),
    ...(unit === undefined ? {} : { targets: { names: [], units: [unit] } }),
  };
}

function stateText({ recipe, state, saved, elsewhere, experiment }: RunEntry): string {
  if (elsewhere && experiment !== null) return 'Running in an experiment';
  if (elsewhere) return 'Running in another tab';
  if (state === 'interrupted')
    return saved ? `Interrupted at ${placeText(saved)}` : 'Interrupted before its first save';
  return `${methodName(recipe).title}, ${state}`;
}

function changesText(run: RunEntry, former: RunEntry | null): string {
  if (!former) return 'First run';
  const changes = changesBetween(former.recipe, run.recipe);
  if (changes.length === 0) return `Same recipe as run ${former.number}`;
  const words = changes.map(({ label, from, to }) => (from ? `${label} ${from} → ${to}` : `${label} ${to}`));
  return words.length > 4 ? `${words.slice(0, 4).join(', ')} and ${words.length - 4} more` : words.join(', ');
}
