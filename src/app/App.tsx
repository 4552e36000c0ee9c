import { useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense, useRef } from 'react';
import classes from './App.module.css';
import { DropAnywhere } from './data/DropAnywhere';
import { ImportProgress } from './data/ImportProgress';
import { LiveRegion } from './shell/LiveRegion';
import { Notices } from './shell/Notices';
import { Panels } from './shell/Panels';
import { PhoneBar } from './shell/PhoneBar';
import { PanelErrorBoundary } from './shell/PanelErrorBoundary';
import { TopBar } from './shell/TopBar';
import { BringIntoView } from './shell/BringIntoView';
import { useShortcuts } from './shell/use-shortcuts';
import { RunsPanel } from './runs/RunsPanel';
import { ResultHeader } from './results/ResultHeader';

const RecipeColumn = lazy(async () => ({ default: (await import('./recipe/RecipeColumn')).RecipeColumn }));
const RecipeDrawer = lazy(() => import('./recipe/RecipeDrawer'));
const Instruments = lazy(() => import('./instruments/Instruments'));
const SampleInspector = lazy(() => import('./inspector/SampleInspector'));

export function App() {
  useShortcuts();
  const centre = useRef<HTMLElement>(null);
  const wide = useMediaQuery('(min-width: 1181px)', undefined, { getInitialValueInEffect: false });
  return (
    <div className={classes.page}>
      <a className={classes.skip} href="#instruments">
        Skip to the instruments
      </a>
      <div className={classes.bar}>
        <TopBar />
      </div>
      {wide ? (
        <aside className={classes.recipe} aria-label="Recipe">
          <Suspense fallback={null}>
            <RecipeColumn />
          </Suspense>
        </aside>
      ) : (
        <Suspense fallback={null}>
          <RecipeDrawer />
        </Suspense>
      )}
      <main ref={centre} className={classes.centre} id="instruments" tabIndex={-1}>
        <ResultHeader />
        <PanelErrorBoundary name="The instruments">
          <Suspense fallback={null}>
            <Instruments />
          </Suspense>
        </PanelErrorBoundary>
      </main>
      <aside className={classes.inspector} aria-label="Sample inspector">
        <PanelErrorBoundary name="The sample inspector">
          <Suspense fallback={null}>
            <SampleInspector />
          </Suspense>
        </PanelErrorBoundary>
      </aside>
      <div className={classes.runs}>
        <RunsPanel />
      </div>
      <PhoneBar />
      <Notices />
      <BringIntoView centre={centre} />
      <LiveRegion />
      <Panels />
      <ImportProgress />
      <DropAnywhere />
    </div>
  );
}
