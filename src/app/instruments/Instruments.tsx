import type { TaskId } from '../../data/dataset';
import { lazy, Suspense, useRef, useState, type RefObject } from 'react';
import type { Phase } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { InTurn } from '../redraw/InTurn';
import { useRunValue } from '../redraw/use-redraw';
import { useViewedRun } from '../store/hooks';
import { ClassPlot } from './ClassPlot';
import { ComparedRuns } from '../results/ComparedRuns';
import { Confusions } from './Confusions';
import { Explained } from '../glossary/Explained';
import { EmptyInstruments } from './EmptyInstruments';
import { HeatMap } from './HeatMap';
import { MethodViews } from '../method-views/MethodViews';
import classes from './instruments.module.css';
import { LateSelect } from './LateSelect';
import { LiveStrip } from './LiveStrip';
import { LossPlot } from './LossPlot';
import { MorePlots } from './MorePlots';
import { quantityName, quantityOf } from './names';
import { ScorePlot } from './ScorePlot';
import { Scatter } from './Scatter';
import { SecondDomainPlot } from './SecondDomainPlot';
import { Strip } from './Strip';
import { Toolbar } from './Toolbar';
import { WeightPlot } from './WeightPlot';

/** Only for numbers. */
const Residuals = lazy(async () => ({ default: (await import('./Residuals')).Residuals }));

/** Once there is something to show. */
const Reliability = lazy(() => import('./Reliability'));
const Fidelity = lazy(() => import('./Fidelity'));
const Gradients = lazy(() => import('./Gradients'));

export default function Instruments() {
  const history = useViewedRun();
  const place = useRef<HTMLDivElement>(null);
  return (
    <div ref={place}>
      {history ? <RunInstruments key={history.id} history={history} place={place} /> : <EmptyInstruments />}
    </div>
  );
}

/** @param place what they stand in, before them and after them */
function RunInstruments({ history, place }: { history: RunRecord; place: RefObject<HTMLDivElement | null> }) {
  /** Of what they take the place of. */
  const [height] = useState(() => place.current?.offsetHeight ?? 0);
  /** Null follows the run. */
  const [chosenPhase, setChosenPhase] = useState<Phase | null>(null);
  const [chosen, setChosen] = useState<Quantity | null>(null);
  const running = useRunValue(() => history.phase);
  const phases = useRunValue(() => history.phases.join(' ')).split(' ') as Phase[];
  const task = useRunValue(() => history.task.id);
  const score = useRunValue(() => history.task.scores[0].short);
  const known = useRunValue(() => history.snapshots.quantities.join('\n'));
  const phase = chosenPhase ?? running;
  const quantity = quantityOf(history, chosen);
  const quantities = (known === '' ? [quantity] : known.split('\n')) as Quantity[];
  return (
    <InTurn className={classes.instruments} height={height}>
      <LiveStrip history={history} />
      <Toolbar phase={phase} phases={phases} onPhase={setChosenPhase} score={score} />
      <ComparedRuns history={history} />
      <ScorePlot history={history} phase={phase} />
      <SecondDomainPlot history={history} phase={phase} />
      <LossPlot history={history} phase={phase} />
      <WeightPlot history={history} />
      <MethodViews history={history} />
      <div className={classes.toolbar}>
        <h2>
          <Explained term="trackedSamples">Tracked samples</Explained>
        </h2>
        <div className={classes.options}>
          <LateSelect
            aria-label="What the tracked samples are sorted and coloured by"
            w={250}
            allowDeselect={false}
            value={quantity}
            onChange={(value) => value !== null && setChosen(value as Quantity)}
            data={quantities.map((value) => ({ value, label: quantityName(history, value) }))}
          />
        </div>
      </div>
      <HeatMap history={history} quantity={quantity} />
      <Strip history={history} quantity={quantity} />
      <Scatter history={history} quantity={quantity} />
      <TaskViews history={history} task={task} />
      <Further history={history} />
      <MorePlots history={history} />
    </InTurn>
  );
}

/** What is measured beside the scores, in runs that have it. */
function Further({ history }: { history: RunRecord }) {
  const isCalibrated = useRunValue(() => history.reliability !== null);
  const hasTeacher = useRunValue(() => history.measured.student.at(-1)?.fidelity !== undefined);
  const hasGradients = useRunValue(() => history.measured.student.at(-1)?.gradients !== undefined);
  return (
    <Suspense fallback={null}>
      {isCalibrated && <Reliability history={history} />}
      {hasTeacher && <Fidelity history={history} />}
      {hasGradients && <Gradients history={history} />}
    </Suspense>
  );
}

/** What shows single answers beside the targets. */
function TaskViews({ history, task }: { history: RunRecord; task: TaskId }) {
  switch (task) {
    case 'classification':
      return (
        <>
          <ClassPlot history={history} />
          <Confusions history={history} />
        </>
      );
    case 'multilabel':
      return <ClassPlot history={history} />;
    case 'regression':
      return (
        <Suspense fallback={null}>
          <Residuals history={history} />
        </Suspense>
      );
  }
}
