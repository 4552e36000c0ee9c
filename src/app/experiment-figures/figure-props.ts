import type { Experiment } from '../../experiment/experiment';
import type { CellResult, ExperimentLine } from '../../experiment/table';
import type { ScoreFormat } from '../subject/score-format';

/** What the pictures of an experiment are drawn from. */
export interface FigureProps {
  experiment: Experiment;
  results: readonly CellResult[];
  /** One for each entry, in the experiment's order. */
  lines: readonly ExperimentLine[];
  /** What `student`, `control` and `gain` of the lines are of. */
  score: ScoreFormat;
}
