import { lazy, Suspense } from 'react';
import { useData, useLibrary, useView } from '../store/hooks';
import { PanelErrorBoundary } from './PanelErrorBoundary';

const MethodPicker = lazy(() => import('../methods/MethodPicker'));
const DataPanel = lazy(() => import('../data/DataPanel'));
const DatasetView = lazy(() => import('../dataset/DatasetView'));
const TableView = lazy(() => import('../dataset/TableView'));
const Collect = lazy(() => import('../dataset/Collect'));
const ImportReview = lazy(() => import('../data/ImportReview'));
const ExperimentPanel = lazy(() => import('../experiment/ExperimentPanel'));
const KeptTeachers = lazy(() => import('../runs/KeptTeachers'));
const RunFileDialog = lazy(() => import('../runs/RunFileDialog'));
const ExportDialog = lazy(() => import('../export/ExportDialog'));
const QuestionDialog = lazy(() => import('./QuestionDialog'));
const ShortcutList = lazy(() => import('./ShortcutList'));

/** Dialogs; their code comes when they are first opened. */
export function Panels() {
  const panel = useView((state) => state.panel);
  const hasCandidate = useData((state) => state.candidate !== null);
  const hasRunFile = useLibrary((state) => state.runFile !== null);
  const exporting = useLibrary((state) => state.exported !== null);
  const asking = useView((state) => state.question !== null);
  return (
    <>
      <PanelErrorBoundary name="The dialog" key={panel}>
        <Suspense fallback={null}>
          {panel === 'methods' && <MethodPicker />}
          {panel === 'data' && <DataPanel />}
          {panel === 'experiment' && <ExperimentPanel />}
          {panel === 'kept-teachers' && <KeptTeachers />}
          {panel === 'dataset' && <DatasetView />}
          {panel === 'table' && <TableView />}
          {panel === 'collect' && <Collect />}
          {panel === 'shortcuts' && <ShortcutList />}
          {hasCandidate && <ImportReview />}
          {hasRunFile && <RunFileDialog />}
          {exporting && <ExportDialog />}
        </Suspense>
      </PanelErrorBoundary>
      {/* Last, so that it lies on top. */}
      <PanelErrorBoundary name="The question">
        <Suspense fallback={null}>{asking && <QuestionDialog />}</Suspense>
      </PanelErrorBoundary>
    </>
  );
}
