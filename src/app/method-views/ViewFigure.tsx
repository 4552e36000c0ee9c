import type { ReactNode } from 'react';
import type { MethodViewPanel, MethodView } from '../../distill/views';
import { partStyle } from '../instruments/names';
import { Panel } from '../instruments/Panel';
import type { RunRecord } from '../../record/run-record';
import { BarsView } from './BarsView';
import classes from './method-views.module.css';
import { LevelsView } from './LevelsView';
import { MapsView } from './MapsView';
import { MatrixView } from './MatrixView';

/** What a hint compares, for the tracked samples. */
export function ViewFigure({ history, view, when }: { history: RunRecord; view: MethodView; when: string }) {
  const maps = view.panels.filter(({ kind }) => kind === 'maps');
  const others = groupsOf(view.panels.filter(({ kind }) => kind !== 'maps'));
  return (
    <Panel wide title={`${partStyle(history, view.title).label}: what it compares`} line={when}>
      <p className={classes.line}>{view.line}</p>
      {maps.length > 0 && <MapsView history={history} panels={maps} />}
      <div className={classes.group}>
        {others.map(([label, panels]) => (
          <div key={label} className={classes.group}>
            {drawn(history, label, panels)}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function drawn(history: RunRecord, label: string, panels: MethodViewPanel[]): ReactNode {
  switch (panels[0]!.kind) {
    case 'matrix':
      return <MatrixView history={history} label={label} panels={panels} />;
    case 'bars':
      return <BarsView history={history} label={label} panels={panels} />;
    default:
      return panels.map((panel) => (
        <LevelsView key={panel.label} panel={panel} classNames={history.facts?.dataset.classes ?? []} />
      ));
  }
}

/** Panels of one label belong together. */
function groupsOf(panels: MethodViewPanel[]): [string, MethodViewPanel[]][] {
  const groups = new Map<string, MethodViewPanel[]>();
  for (const panel of panels) groups.set(panel.label, [...(groups.get(panel.label) ?? []), panel]);
  return [...groups];
}
