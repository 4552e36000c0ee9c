import { lazy, Suspense } from 'react';
import { useApp } from '../store/context';
import { PanelWall } from './PanelWall';

const MethodPicker = lazy(() => import('../methods/MethodPicker'));
const DataPanel = lazy(() => import('../data/DataPanel'));
const ImportReview = lazy(() => import('../data/ImportReview'));
const StudyPanel = lazy(() => import('../study/StudyPanel'));
const ShortcutList = lazy(() => import('./ShortcutList'));

/** Dialogs; their code comes when they are first opened. */
export function Panels() {
  const panel = useApp((state) => state.panel);
  const hasCandidate = useApp((state) => state.candidate !== null);
  return (
    <PanelWall name="The dialog" key={panel}>
      <Suspense fallback={null}>
        {panel === 'methods' && <MethodPicker />}
        {panel === 'data' && <DataPanel />}
        {panel === 'study' && <StudyPanel />}
        {panel === 'shortcuts' && <ShortcutList />}
        {hasCandidate && <ImportReview />}
      </Suspense>
    </PanelWall>
  );
}
