import { ActionIcon, Button } from '@mantine/core';
import { useRuns, useView } from '../store/hooks';
import { BackendBadge } from './BackendBadge';
import { CopyLink } from './CopyLink';
import { Icon, Mark } from './icons';
import { ProgressReadout } from './ProgressReadout';
import { RunControls } from './RunControls';
import classes from './shell.module.css';
import { ThemeToggle } from './ThemeToggle';
import { Tip } from './Tip';

export function TopBar() {
  const set = useView((state) => state.set);
  const experiment = useRuns(({ experiment }) =>
    experiment?.current ? `${experiment.results.length}/${experiment.total}` : null,
  );
  return (
    <header className={classes.bar}>
      <h1 className={classes.name}>
        <Mark />
        Retort
      </h1>
      <Button
        className={classes.onlyTablet}
        variant="default"
        leftSection={<Icon name="sliders" size={14} />}
        onClick={() => set({ recipeOpen: true })}
      >
        Recipe
      </Button>
      <div className={`${classes.controls} ${classes.hidePhone}`}>
        <RunControls />
      </div>
      <ProgressReadout />
      <div className={classes.tools}>
        <BackendBadge />
        <div className={classes.hidePhone} style={{ display: 'contents' }}>
          <Button
            className={classes.hidePhone}
            variant="subtle"
            size="compact-sm"
            onClick={() => set({ panel: 'experiment' })}
          >
            {experiment ? `Experiment ${experiment}` : 'Experiment'}
          </Button>
          <CopyLink />
          <Tip label="Keyboard shortcuts" w="auto">
            <ActionIcon
              className={classes.hidePhone}
              size={30}
              aria-label="Keyboard shortcuts"
              onClick={() => set({ panel: 'shortcuts' })}
            >
              <Icon name="help" />
            </ActionIcon>
          </Tip>
        </div>
        <ThemeToggle />
      </div>
    </header>
  );
}
