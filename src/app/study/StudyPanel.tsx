import { useRuns, useView } from '../store/hooks';
import { Dialog } from '../shell/Dialog';
import { StudyForm } from './StudyForm';
import { StudyTable } from './StudyTable';

/** Many recipes with many seeds, one after another: a choice first, then a table that fills. */
export default function StudyPanel() {
  const set = useView((state) => state.set);
  const study = useRuns((state) => state.study);
  return (
    <Dialog onClose={() => set({ panel: null })} title="Experiment" width={1040}>
      {study ? <StudyTable progress={study} /> : <StudyForm />}
    </Dialog>
  );
}
