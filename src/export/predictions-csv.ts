/** What the networks of a run put out for the test split, as comma-separated text. */
import type { Learner, RunFacts, TestPredictions } from '../training/events';
import { csvTable, type Cell } from './csv-table';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

/**
 * One row per test instance in the order of the data set: its number, its target, and each network's outputs: logits, or
 * numbers in the target's unit.
 */
export function predictionsCsv(predictions: TestPredictions, facts: RunFacts): string {
  const { targets, width, outputs, scale, byLearner } = predictions;
  const names = facts.targets?.names ?? facts.dataset.classes;
  const present = learners.filter((learner) => byLearner[learner]);
  const wanted = facts.targets ? names.map((name) => `true:${name}`) : ['label'];
  const answered = present.flatMap((learner) => names.map((name) => `${learner}:${name}`));
  const shown = (value: number, at: number): number =>
    scale ? value * scale.deviation[at]! + scale.mean[at]! : value;
  const rows = Array.from({ length: targets.length / width }, (_, row): Cell[] => [
    row,
    ...targets.subarray(row * width, (row + 1) * width),
    ...present.flatMap((learner) =>
      Array.from(byLearner[learner]!.subarray(row * outputs, (row + 1) * outputs), shown),
    ),
  ]);
  return csvTable(['row', ...wanted, ...answered], rows);
}
