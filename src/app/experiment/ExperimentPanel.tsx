import { useRuns, useView } from '../store/hooks';
import { Dialog } from '../shell/Dialog';
import { ExperimentForm } from './ExperimentForm';
import { ExperimentTable } from './ExperimentTable';

/** Many recipes with many seeds, one after another: a choice first, then a table that fills. */
export default function ExperimentPanel() {
  const set = useView((state) => state.set);
  const experiment = useRuns((state) => state.experiment);
  return (
    <Dialog onClose={() => set({ panel: null })} title="Experiment" width={1040}>
      {experiment ? <ExperimentTable progress={experiment} /> : <ExperimentForm />}
    </Dialog>
  );
}
