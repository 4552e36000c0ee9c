import { lazy, Suspense } from 'react';
import { useRuns, useView } from '../store/hooks';
import { Dialog } from '../shell/Dialog';
import { ExperimentCells } from './ExperimentCells';
import { ExperimentHead, ExperimentList } from './ExperimentHead';
import { GatherRuns } from './GatherRuns';
import classes from './experiment.module.css';

const ExperimentForm = lazy(() => import('./ExperimentForm'));
const ExperimentTable = lazy(() => import('./ExperimentTable'));

/** Many recipes with many seeds: a choice first, then a table that fills. */
export default function ExperimentPanel() {
  const set = useView((state) => state.set);
  const experiment = useRuns((state) => state.experiment);
  return (
    <Dialog onClose={() => set({ panel: null })} title="Experiment" width={1040}>
      <Suspense fallback={<p className={classes.line}>Opening …</p>}>
        {experiment ? (
          <div className={classes.form}>
            <ExperimentHead progress={experiment} />
            <ExperimentCells progress={experiment} />
            <ExperimentTable progress={experiment} />
          </div>
        ) : (
          <div className={classes.form}>
            <ExperimentList />
            <ExperimentForm />
            <GatherRuns />
          </div>
        )}
      </Suspense>
    </Dialog>
  );
}
