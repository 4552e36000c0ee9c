import type { Experiment } from '../../experiment/experiment';
import type { CellResult, ExperimentLine } from '../../experiment/table';
import type { RunRecord } from '../../record/run-record';
import type { RunId } from '../../worker/training-protocol';
import type { ScoreFormat } from '../subject/score-format';

/** A cell that was begun, and the run that it is. */
export interface CellRun {
  entry: number;
  seed: number;
  run: RunId;
}

/** What the pictures of an experiment are drawn from. */
export interface FigureProps {
  experiment: Experiment;
  results: readonly CellResult[];
  /** One for each entry, in the experiment's order. */
  lines: readonly ExperimentLine[];
  /** What `student`, `control` and `gain` of the lines are of. */
  score: ScoreFormat;
  runs: readonly CellRun[];
  /** The record of a stored run; null where it cannot be read. */
  load: (run: RunId) => Promise<RunRecord | null>;
  onOpen: (run: RunId) => void;
}
