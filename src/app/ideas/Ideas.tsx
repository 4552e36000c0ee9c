import { memo } from 'react';
import type { View } from '../../distill/views';
import type { RunHistory } from '../run/history';
import { usePanelVersion } from '../run/use-run';
import { AnswersFigure } from './AnswersFigure';
import { ClassWeights } from './ClassWeights';
import classes from './ideas.module.css';
import { LookFigure } from './LookFigure';
import { RouteFigure } from './RouteFigure';

/** What is particular to the run's teacher and hints: pictures drawn from the views that training reports. */
export const Ideas = memo(function Ideas({ history }: { history: RunHistory }) {
  const [, ref] = usePanelVersion<HTMLDivElement>();
  const views = [...history.views.values()].sort((a, b) => order[a.view.view] - order[b.view.view]);
  const weighsByInstance =
    history.recipe.weighting.id === 'hint-dynamic' && history.snapshots.latest !== null;
  return (
    <div ref={ref} className={classes.ideas}>
      {(views.length > 0 || weighsByInstance) && (
        <h2 className={classes.heading}>What this method looks at</h2>
      )}
      {views.map(({ view, step }) => (
        <Figure key={`${view.view}/${view.title}`} history={history} view={view} step={step} />
      ))}
      {weighsByInstance && <ClassWeights history={history} />}
    </div>
  );
});

const order: Record<View['view'], number> = { route: 0, answers: 1, look: 2 };

function Figure({ history, view, step }: { history: RunHistory; view: View; step: number }) {
  switch (view.view) {
    case 'route':
      return <RouteFigure view={view} />;
    case 'answers':
      return <AnswersFigure history={history} view={view} step={step} />;
    case 'look':
      return <LookFigure history={history} view={view} step={step} />;
  }
}
