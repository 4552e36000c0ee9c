import { ActionIcon, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { useRunSet } from '../data/use-run-set';
import { SavedFigure } from '../figures/SavedFigure';
import { figure } from '../format';
import { quantityName } from '../instruments/names';
import { LateSelect } from '../instruments/LateSelect';
import { pictureStyle } from '../instruments/sprite';
import type { RunRecord } from '../../record/run-record';
import type { TrackedSamples } from '../../training/events';
import { usePanelVersion, useRunValue } from '../redraw/use-redraw';
import { Icon } from '../shell/icons';
import { useTouch } from '../shell/use-touch';
import { SoundPlayer } from '../sound/SoundPlayer';
import { useView, useViewedRun } from '../store/hooks';
import type { SampleFilter } from '../store/view/view-store';
import { Answers } from './Answers';
import { labelState, targetText } from './describe-sample';
import classes from './inspector.module.css';
import { RowBars } from './RowBars';
import { MeasuredSample } from './MeasuredSample';
import { SampleCurves } from './SampleCurves';
import { filteredRows } from './sample-filter';
import { instanceWords } from '../subject/instance-words';
import { trackedScale } from '../subject/row-picture';
import { taskWords } from '../subject/task-words';
import type { TaskId } from '../../data/dataset';

/** A number is never quite right: there it counts who is closer. */
function filtersOf(task: TaskId): { value: SampleFilter; label: string }[] {
  const isNumber = task === 'regression';
  return [
    { value: 'all', label: 'All tracked samples' },
    {
      value: 'teacher-only',
      label: isNumber ? 'Teacher closer than student' : 'Teacher right, student wrong',
    },
    {
      value: 'student-only',
      label: isNumber ? 'Student closer than teacher' : 'Student right, teacher wrong',
    },
    { value: 'wrong-label', label: isNumber ? 'Wrong value (label noise)' : 'Wrong label (label noise)' },
    { value: 'no-label', label: isNumber ? 'No target' : 'No label' },
  ];
}

/** One tracked sample, enlarged, with the predictions for it. */
export default function SampleInspector() {
  const history = useViewedRun();
  const there = useRunValue(() => Boolean(history?.tracked));
  const touch = useTouch();
  return (
    <div className={classes.inspector}>
      <h2>Sample inspector</h2>
      {history && there ? (
        <Inspected key={history.id} history={history} />
      ) : (
        <p className={classes.empty}>
          One tracked sample, enlarged: its label, the predictions of teacher, student and baseline, and how
          its losses and weights change. Start a run, then choose one in the map
          {touch ? '' : ' or with the arrow keys'}.
        </p>
      )}
    </div>
  );
}

/** The sample that was chosen last: a tracked one, or one of the last measurement. */
function Inspected({ history }: { history: RunRecord }) {
  const measured = useView((state) => state.measured);
  useRunValue(() => history.evaluated?.step ?? null);
  const isThere =
    measured?.run === history.id && history.samples !== null && measured.place < history.samples.rows.length;
  return isThere ? (
    <MeasuredSample history={history} place={measured.place} />
  ) : (
    <InspectedSample history={history} />
  );
}

function InspectedSample({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLDivElement>();
  const touch = useTouch();
  const filter = useView((state) => state.sampleFilter);
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  const walk = useView((state) => state.walk);
  const latest = version >= 0 ? history.snapshots.latest : null;
  const { one } = instanceWords(history.facts);
  const rows = useMemo(() => filteredRows(history, latest, filter), [history, latest, filter]);
  const row = selected ?? rows[0] ?? null;
  const place = row === null ? -1 : rows.indexOf(row);
  return (
    <div ref={ref}>
      <LateSelect
        aria-label="Which tracked samples"
        allowDeselect={false}
        data={filtersOf(history.task.id)}
        value={filter}
        onChange={(value) => value !== null && set({ sampleFilter: value as SampleFilter, selected: null })}
      />
      <div className={classes.walk}>
        <Tooltip label={`Previous ${one}${touch ? '' : ' (←)'}`} w="auto">
          <ActionIcon
            size={28}
            aria-label={`Previous ${one}`}
            disabled={rows.length === 0}
            onClick={() => void walk(-1)}
          >
            <Icon name="left" />
          </ActionIcon>
        </Tooltip>
        <span>
          {rows.length === 0
            ? 'None of the tracked samples'
            : `${place < 0 ? '–' : place + 1} of ${rows.length}`}
        </span>
        <Tooltip label={`Next ${one}${touch ? '' : ' (→)'}`} w="auto">
          <ActionIcon
            size={28}
            aria-label={`Next ${one}`}
            disabled={rows.length === 0}
            onClick={() => void walk(1)}
          >
            <Icon name="right" />
          </ActionIcon>
        </Tooltip>
      </div>
      {row !== null && (
        <>
          <SavedFigure
            heading={`${instanceWords(history.facts).One} and predictions`}
            title={`Tracked sample ${history.tracked!.images[row]!.index}`}
          >
            <Picture history={history} row={row} />
            <Answers history={history} row={row} snapshot={latest} />
            <Numbers history={history} row={row} />
          </SavedFigure>
          <SampleCurves history={history} row={row} moment={latest} />
        </>
      )}
    </div>
  );
}

function Picture({ history, row }: { history: RunRecord; row: number }) {
  const tracked = history.tracked!;
  const image = tracked.images[row]!;
  // A whole multiple of the image's own pixels, so that all of them are squares of one size.
  const { vectors, height } = tracked;
  // Wide images must fit in the column.
  const size = height * Math.max(1, Math.round(Math.min(184 / height, 236 / tracked.width)));
  const state = labelState(history, row);
  const words = taskWords[history.task.id];
  return (
    <figure className={classes.figure}>
      {vectors ? (
        <RowBars
          names={vectors.names}
          values={vectors.values.subarray(row * vectors.names.length, (row + 1) * vectors.names.length)}
          scale={trackedScale(tracked)!}
        />
      ) : (
        <Views tracked={tracked} row={row} size={size} />
      )}
      {image.name !== undefined && <RunSound history={history} name={image.name} />}
      <figcaption>
        <dl className={classes.labels}>
          <dt>{words.truth}</dt>
          <dd>{targetText(history, row, 'truth')}</dd>
          <dt>{words.given}</dt>
          <dd data-state={state}>
            {state === 'none' ? words.none : targetText(history, row, 'given')}
            {state === 'wrong' && <small>wrong on purpose (label noise)</small>}
          </dd>
          <dt>{instanceWords(history.facts).One}</dt>
          <dd>{image.index}</dd>
          {image.name !== undefined && (
            <>
              <dt>Name</dt>
              <dd className={classes.name}>{image.name}</dd>
            </>
          )}
        </dl>
      </figcaption>
    </figure>
  );
}

/** Opens the data set of the run, which only sets with names of their rows need here. */
function RunSound({ history, name }: { history: RunRecord; name: string }) {
  return <SoundPlayer set={useRunSet(history.id)} name={name} />;
}

/** The picture; where teacher and student see different views of it, both, as large as each other. */
function Views({ tracked, row, size }: { tracked: TrackedSamples; row: number; size: number }) {
  const { student, images, height, width } = tracked;
  const name = `Tracked sample ${images[row]!.index}`;
  if (!student)
    return (
      <div
        className={classes.picture}
        role="img"
        aria-label={name}
        style={pictureStyle(tracked, row, size)}
      />
    );
  // Whole multiples of the teacher's pixels, and so of the student's.
  const beside = height * Math.max(1, Math.round(Math.min(112 / height, 112 / width)));
  const shown = [
    { who: 'Teacher', stack: undefined, sides: `${height}×${width}` },
    { who: 'Student', stack: student, sides: `${student.height}×${student.width}` },
  ];
  return (
    <div className={classes.views}>
      {shown.map(({ who, stack, sides }) => (
        <div key={who}>
          <div
            className={classes.picture}
            role="img"
            aria-label={`${name} as the ${who.toLowerCase()} sees it`}
            style={pictureStyle(tracked, row, beside, stack)}
          />
          <small>
            {who} sees {sides}
          </small>
        </div>
      ))}
    </div>
  );
}

function Numbers({ history, row }: { history: RunRecord; row: number }) {
  const quantities = history.snapshots.quantities;
  if (quantities.length === 0) return null;
  return (
    <dl className={classes.numbers}>
      {quantities.map((quantity) => (
        <div key={quantity}>
          <dt>{quantityName(history, quantity)}</dt>
          <dd>{figure(history.snapshots.newest(quantity)?.[row])}</dd>
        </div>
      ))}
    </dl>
  );
}
