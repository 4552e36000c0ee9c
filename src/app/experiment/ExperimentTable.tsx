import { Button, Select } from '@mantine/core';
import { lazy, memo, Suspense, useCallback, useDeferredValue, useMemo } from 'react';
import { mostSeeds, type Comparison } from '../../experiment/statistics';
import {
  correctionText,
  sharedScores,
  tableOf,
  unfairnessOf,
  type ExperimentLine,
} from '../../experiment/table';
import { extraLabels } from '../../distill/weighting/hint-dynamic/about';
import { taskOfTarget } from '../../distill/tasks/about';
import { midSentence } from '../../limits/texts';
import { shapeOf } from '../recipe/set-shape';
import type { RunId } from '../../worker/training-protocol';
import { useData, useLibrary, useRecipe, useRuns, useSession, useView } from '../store/hooks';
import type { ExperimentProgress } from '../store/runs/runs-store';
import { scoreFormat, type ScoreFormat } from '../subject/score-format';
import type { CellRun } from '../experiment-figures/figure-props';
import { RowPair } from './RowPair';
import classes from './experiment.module.css';

// While cells are trained the page is told of it four times a second; the figures change with the results alone.
const ExperimentFigures = memo(lazy(() => import('../experiment-figures/ExperimentFigures')));

/** The table of an experiment, the largest gain first, as far as it has come. */
export default function ExperimentTable({ progress }: { progress: ExperimentProgress }) {
  const { experiment, results, score: chosen } = progress;
  const chooseScore = useRuns((state) => state.chooseScore);
  const { runs, load, onOpen } = useCellRuns(progress);
  const scores = useMemo(() => sharedScores(results), [results]);
  const lines = useMemo(
    () => tableOf(experiment, results, chosen ?? scores[0]!.id),
    [experiment, results, chosen, scores],
  );
  const sorted = useMemo(
    () => lines.toSorted((a, b) => (b.gain?.mean ?? -Infinity) - (a.gain?.mean ?? -Infinity)),
    [lines],
  );
  const score = useScore(experiment, lines);
  const unalike = useMemo(() => unfairnessOf(experiment, results), [experiment, results]);
  const corrected = correctionText(lines);
  // The table comes first: a hundred rows are drawn in several figures.
  const drawn = useDeferredValue(
    useMemo(() => ({ experiment, results, lines, score }), [experiment, results, lines, score]),
    null,
  );
  // Two seeds have intervals of any width: those of the larger gains shall be seen, not the widest.
  const extent =
    1.6 * Math.max(score.isShare ? 0.01 : 1e-9, ...lines.map(({ gain }) => Math.abs(gain?.mean ?? 0)));
  return (
    <>
      {unalike.length > 0 && (
        <div className={classes.unalike}>
          <h3>Mind when you compare</h3>
          <ul>
            {unalike.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
      {scores.length > 1 && (
        <Select
          label="Score of the table"
          description="Table, pictures and saved files are about it."
          w={280}
          allowDeselect={false}
          value={(scores.find(({ id }) => id === chosen) ?? scores[0]!).id}
          onChange={(id) => id !== null && chooseScore(id)}
          data={scores.map(({ id, title }) => ({ value: id, label: title }))}
        />
      )}
      <p className={classes.caption} id="experiment-table">
        {score.heading} on the test split{score.lowerIsBetter && ', lower is better'}: mean over seeds ±
        standard deviation; gain over the baseline (no teacher) of the same seed
        {score.lowerIsBetter && `, positive where the ${midSentence(score.heading)} is lower`}, with its 95 %
        interval (Student’s t).{corrected !== '' && ` The verdicts are ${corrected}.`}
      </p>
      <div className={classes.scroll}>
        <table className={classes.table} aria-labelledby="experiment-table">
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col">Student</th>
              <th scope="col" className={classes.wideOnly}>
                Baseline
              </th>
              <td className={classes.wideOnly} />
              <th scope="col">{['Gain', ...gainUnit(score)].join(', ')}</th>
              <th scope="col" className={classes.wideOnly}>
                Seeds won
              </th>
              <th scope="col">Verdict</th>
              <th scope="col" className={classes.wideOnly}>
                s per run
              </th>
              <th scope="col">
                <span className={classes.hidden}>Recipe</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((line) => (
              <Line key={line.name} {...{ line, extent, experiment, score }} />
            ))}
          </tbody>
        </table>
      </div>
      <RowPair {...{ experiment, results, lines, score }} />
      {drawn && drawn.results.length > 0 && (
        <Suspense fallback={null}>
          <ExperimentFigures {...drawn} {...{ runs, load, onOpen }} />
        </Suspense>
      )}
    </>
  );
}

/** The cells that were begun as runs: which there are, how one is read and how it is shown in the instruments. */
function useCellRuns({ row: { cells } }: ExperimentProgress) {
  const { records } = useSession().services;
  const known = useLibrary((state) => state.runs);
  const loadRecord = useLibrary((state) => state.loadRecord);
  const viewRun = useLibrary((state) => state.viewRun);
  const set = useView((state) => state.set);
  const ids = new Set(known.map(({ id }) => id));
  // The runs under way change the list of runs all the time; the figures are drawn anew where these change.
  const listed = JSON.stringify(
    cells.flatMap(({ entry, seed, run }) => (run !== null && ids.has(run) ? [{ entry, seed, run }] : [])),
  );
  const runs = useMemo(() => JSON.parse(listed) as CellRun[], [listed]);
  const load = useCallback(
    async (run: RunId) => {
      await loadRecord(run);
      return records.get(run) ?? null;
    },
    [loadRecord, records],
  );
  const onOpen = useCallback(
    (run: RunId) => {
      viewRun(run);
      set({ panel: null });
    },
    [viewRun, set],
  );
  return { runs, load, onOpen };
}

/** The score that the runs are compared by: as the finished ones have it, before that as the data set asks for. */
function useScore(
  { entries }: ExperimentProgress['experiment'],
  lines: readonly ExperimentLine[],
): ScoreFormat {
  const upload = useData((state) => state.upload);
  return useMemo(() => {
    const ended = lines.find(({ runs }) => runs > 0);
    const target = (entries[0] && shapeOf(entries[0].recipe, upload)?.target) ?? 'class';
    const { id, scores } = taskOfTarget(target);
    return scoreFormat(ended?.score ?? scores[0], {
      task: ended?.task ?? id,
      ...(ended?.unit ? { targets: { names: [], units: [ended.unit] } } : {}),
    });
  }, [entries, lines, upload]);
}

function gainUnit({ isShare, parts }: ScoreFormat): string[] {
  const [, unit] = parts(0);
  return isShare ? ['points'] : unit ? [unit] : [];
}

interface LineProps {
  line: ExperimentLine;
  extent: number;
  experiment: ExperimentProgress['experiment'];
  score: ScoreFormat;
}

const Line = memo(function Line({ line, extent, experiment, score }: LineProps) {
  const active = useLibrary((state) => state.active);
  const setRecipe = useRecipe((state) => state.setRecipe);
  const set = useView((state) => state.set);
  const entry = experiment.entries.find(({ name }) => name === line.name);
  const { gain } = line;
  return (
    <tr>
      <th scope="row">
        {line.name}
        {line.extraLabels > 0 && <small>learned with {extraLabels(line.extraLabels)}</small>}
        {line.failures[0] && <small>{line.failures[0]}</small>}
      </th>
      <td>{line.student ? spread(score, line.student.mean, line.student.deviation) : '–'}</td>
      <td className={classes.wideOnly}>{line.control === null ? '–' : score.text(line.control)}</td>
      <td className={classes.bar} aria-hidden="true">
        {gain && <Interval {...{ gain, extent }} />}
      </td>
      <td>
        {gain ? score.signed(gain.mean) : '–'}
        {gain?.interval && (
          <small>
            {' '}
            [{score.signed(gain.interval[0])}, {score.signed(gain.interval[1])}]
          </small>
        )}
      </td>
      <td className={classes.wideOnly}>{gain ? `${gain.wins} of ${gain.n}` : '–'}</td>
      <td>{gain ? <VerdictText {...{ gain }} /> : '–'}</td>
      <td className={classes.wideOnly}>{line.seconds === null ? '–' : line.seconds.toFixed(1)}</td>
      <td>
        <Button
          variant="subtle"
          size="compact-xs"
          disabled={active !== null || !entry}
          aria-label={`Use this configuration: ${line.name}`}
          onClick={() => {
            setRecipe({ ...entry!.recipe, seed: experiment.seeds[0]! });
            set({ panel: null });
          }}
        >
          Use this configuration
        </Button>
      </td>
    </tr>
  );
});

/** The gain as a dot on its interval, about zero in the middle. */
function Interval({ gain: { mean, interval }, extent }: { gain: Comparison; extent: number }) {
  const place = (value: number) => 50 + 50 * Math.min(1, Math.max(-1, value / extent));
  const [low, high] = interval ? interval.map(place) : [place(mean), place(mean)];
  return (
    <>
      <i style={{ left: `${low}%`, width: `${high! - low!}%` }} />
      <b data-loss={mean < 0 || undefined} style={{ left: `${place(mean)}%` }} />
    </>
  );
}

function VerdictText({ gain: { n, verdict, seedsNeeded } }: { gain: Comparison }) {
  if (verdict !== 'undecided') return verdict;
  return (
    <>
      undecided
      <small>
        {' '}
        {n < 2 ? 'one seed' : seedsNeeded ? `about ${seedsNeeded} seeds` : `no end within ${mostSeeds} seeds`}
      </small>
    </>
  );
}

function spread({ text, parts }: ScoreFormat, mean: number, deviation: number | null) {
  return (
    <>
      {text(mean)}
      {deviation !== null && <small> ± {parts(deviation)[0]}</small>}
    </>
  );
}
