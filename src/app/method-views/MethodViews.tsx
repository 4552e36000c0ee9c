import { lazy, memo, Suspense } from 'react';
import { weightingAbouts } from '../../distill/weighting/abouts';
import type { View } from '../../distill/views';
import { count, listed } from '../format';
import { useAlone } from '../instruments/RunGrid';
import { partStyle, silentHints } from '../instruments/names';
import type { RunRecord } from '../../record/run-record';
import { usePanelVersion } from '../redraw/use-redraw';
import { useRuns } from '../store/hooks';
import { PredictionsFigure } from './PredictionsFigure';
import { ClassWeights } from './ClassWeights';
import classes from './method-views.module.css';
import { ViewFigure } from './ViewFigure';
import { RouteFigure } from './RouteFigure';

/** Only for students in low precision. */
const WeightsFigure = lazy(() => import('./WeightsFigure'));
/** Only for tables of two columns. */
const PlaneFigure = lazy(() => import('./PlaneFigure'));

/** Only for teachers that adapt to a second domain. */
const DomainsFigure = lazy(() => import('./DomainsFigure'));

/** Only for runs that generate pictures. */
const GeneratedFigure = lazy(() => import('./GeneratedFigure'));

/** Only for runs on stimuli. */
const StimuliFigure = lazy(() => import('./StimuliFigure'));

/** What is particular to the run's teacher and hints: pictures drawn from the views that training reports. */
export const MethodViews = memo(function MethodViews({ history }: { history: RunRecord }) {
  const [, ref] = usePanelVersion<HTMLDivElement>();
  const preview = useRuns((state) => (state.preview?.run === history.id ? state.preview.views : null));
  const views = [...history.views.values()]
    .sort((a, b) => order[a.view.view] - order[b.view.view])
    .map(({ view, step }) => ({ view, step, now: preview?.find(({ title }) => isOf(view, title)) ?? null }));
  const weighsByInstance =
    weightingAbouts[history.recipe.weighting.id].perInstance && history.snapshots.latest !== null;
  const alone = useAlone(history);
  const silent = silentHints(history).map((key) => partStyle(history, key).label);
  return (
    <div ref={ref} className={classes.views}>
      {(views.length > 0 || weighsByInstance || silent.length > 0) && (
        <h2 className={classes.heading}>Method view</h2>
      )}
      {alone && views.length > 0 && (
        <p className={classes.line}>
          Of {alone}: methods differ in what they look at. Choose another run in the table above to see its
          own.
        </p>
      )}
      {silent.length > 0 && (
        <p className={classes.line}>
          {listed(silent)} trained in the initialisation stage, {count(history.facts?.preludeSteps ?? 0)}{' '}
          steps before those shown here, and {silent.length > 1 ? 'are' : 'is'} idle now: the loss is 0, and a
          weight changes nothing. Choose “Initialisation stage” above the curves to see how it fell.
        </p>
      )}
      {views.map(({ view, step, now }) => (
        <Figure
          key={`${view.view}/${view.title}`}
          history={history}
          view={now ?? view}
          when={`at step ${count(step)}${now ? ', with the knobs as they are set now' : ''}`}
        />
      ))}
      {weighsByInstance && <ClassWeights history={history} />}
    </div>
  );
});

const order: Record<View['view'], number> = {
  plane: 0,
  stimuli: 1,
  generated: 1,
  domains: 2,
  route: 3,
  answers: 4,
  weights: 5,
  look: 6,
};

const isOf = (view: View, hint: string) => view.view === 'look' && view.title === hint;

/** @param when the moment that it shows, a few words */
function Figure({ history, view, when }: { history: RunRecord; view: View; when: string }) {
  switch (view.view) {
    case 'route':
      return <RouteFigure facts={history.facts} view={view} />;
    case 'answers':
      return <PredictionsFigure history={history} view={view} when={when} />;
    case 'plane':
      return (
        <Suspense fallback={null}>
          <PlaneFigure history={history} view={view} when={when} />
        </Suspense>
      );
    case 'stimuli':
      return (
        <Suspense fallback={null}>
          <StimuliFigure history={history} view={view} when={when} />
        </Suspense>
      );
    case 'generated':
      return (
        <Suspense fallback={null}>
          <GeneratedFigure view={view} when={when} />
        </Suspense>
      );
    case 'weights':
      return (
        <Suspense fallback={null}>
          <WeightsFigure view={view} when={when} />
        </Suspense>
      );
    case 'domains':
      return (
        <Suspense fallback={null}>
          <DomainsFigure history={history} view={view} when={when} />
        </Suspense>
      );
    case 'look':
      return <ViewFigure history={history} view={view} when={when} />;
  }
}
