import { ActionIcon, Menu } from '@mantine/core';
import { useState } from 'react';
import { percent, points } from '../format';
import { changesBetween } from '../recipe/diff';
import { LineSample } from '../recipe/LineSample';
import { methodName } from '../recipe/summaries';
import { Icon } from '../shell/icons';
import { useApp, useSession } from '../store/context';
import type { RunEntry } from '../store/runs';
import { people } from '../theme/people';
import { Sparkline } from './Sparkline';
import { RunFiles } from './RunFiles';
import classes from './shelf.module.css';

/** The runs of this session, the newest first. */
export function Shelf() {
  const runs = useApp((state) => state.runs);
  const [folded, setFolded] = useState(false);
  return (
    <section className={classes.shelf} aria-label="Shelf of runs">
      <div className={classes.head}>
        <h2>Runs</h2>
        {runs.length > 0 && (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={!folded}
            onClick={() => setFolded(!folded)}
          >
            {folded ? `Show ${runs.length}` : 'Fold away'}
          </button>
        )}
      </div>
      {runs.length === 0 && (
        <p className={classes.empty}>
          Every run of this session is kept here, with what changed from one to the next.
        </p>
      )}
      {runs.length > 0 && !folded && (
        <ul className={classes.runs}>
          {runs
            .map((run, place) => <Run key={run.id} run={run} former={runs[place - 1] ?? null} />)
            .toReversed()}
        </ul>
      )}
    </section>
  );
}

function Run({ run, former }: { run: RunEntry; former: RunEntry | null }) {
  const { services } = useSession();
  const viewed = useApp((state) => state.viewed === run.id);
  const compared = useApp((state) => state.compared === run.id);
  const view = useApp((state) => state.view);
  const history = services.histories.get(run.id);
  const { final } = run;
  const gain =
    final?.student !== undefined && final.control !== undefined ? final.student - final.control : null;
  return (
    <li className={classes.run} data-viewed={viewed || undefined}>
      <button type="button" className={classes.open} aria-pressed={viewed} onClick={() => view(run.id)}>
        <span className={classes.name}>
          <b>{run.number}</b> {run.name}
        </span>
        <span className={classes.method}>
          {compared && 'Compared. '}
          {methodName(run.recipe).title}
          {run.state !== 'finished' && `, ${run.state}`}
        </span>
        {history && <Sparkline history={history} live={final === null} />}
        {final && (
          <span className={classes.figures}>
            {(['student', 'control', 'teacher'] as const).map(
              (learner) =>
                final[learner] !== undefined && (
                  <span key={learner}>
                    <LineSample style={people[learner]} width={10} />
                    <span className={classes.hidden}>{people[learner].label}</span> {percent(final[learner])}
                  </span>
                ),
            )}
            {gain !== null && <b>{points(gain)}</b>}
          </span>
        )}
        <span className={classes.changes}>{changesText(run, former)}</span>
      </button>
      <RunMenu run={run} />
    </li>
  );
}

function changesText(run: RunEntry, former: RunEntry | null): string {
  if (!former) return 'First run';
  const changes = changesBetween(former.recipe, run.recipe);
  if (changes.length === 0) return `Same recipe as run ${former.number}`;
  const words = changes.map(({ label, from, to }) => (from ? `${label} ${from} → ${to}` : `${label} ${to}`));
  return words.length > 4 ? `${words.slice(0, 4).join(', ')} and ${words.length - 4} more` : words.join(', ');
}

function RunMenu({ run }: { run: RunEntry }) {
  const active = useApp((state) => state.active);
  const setRecipe = useApp((state) => state.setRecipe);
  const view = useApp((state) => state.view);
  const compared = useApp((state) => state.compared === run.id);
  const set = useApp((state) => state.set);
  const rename = useApp((state) => state.renameRun);
  const forget = useApp((state) => state.forget);
  return (
    <Menu width={260}>
      <Menu.Target>
        <ActionIcon className={classes.menu} size={24} aria-label={`Run ${run.number}: more`}>
          <Icon name="more" size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          disabled={active !== null}
          onClick={() => {
            setRecipe(run.recipe);
            view(run.id);
          }}
        >
          Take its recipe
        </Menu.Item>
        <Menu.Item
          onClick={() => {
            const name = window.prompt('Name of this run', run.name)?.trim();
            if (name) rename(run.id, name.slice(0, 80));
          }}
        >
          Rename
        </Menu.Item>
        <Menu.Item onClick={() => set({ compared: compared ? null : run.id })}>
          {compared ? 'No longer compare' : 'Compare: lay its curve over others'}
        </Menu.Item>
        <RunFiles run={run} />
        <Menu.Divider />
        <Menu.Item disabled={active === run.id} onClick={() => forget(run.id)}>
          Throw away
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
