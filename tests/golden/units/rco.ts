/** Units of route-constrained optimisation: which anchors are chosen. */
import {
  anchorAtEpoch,
  equalIntervalEpochs,
  nextAnchor,
  relativeHardness,
} from '../../../src/distill/teachers/route/anchors';
import type { Unit } from '../case';
import { numberParameter } from '../inputs';

const equalInterval: Unit = (golden) => {
  const interval = numberParameter(golden, 'interval');
  const anchorEpochs = equalIntervalEpochs(numberParameter(golden, 'teacherEpochs'), interval);
  const anchorOfStudentEpoch = Array.from(
    { length: numberParameter(golden, 'studentEpochs') },
    (_, epoch) => anchorEpochs[anchorAtEpoch(anchorEpochs.length, interval, epoch)]!,
  );
  return { outputs: { anchorEpochs, anchorOfStudentEpoch } };
};

const greedy: Unit = (golden) => {
  const hardness = golden.inputs['hardness'];
  if (!hardness) throw new Error('the case lacks "hardness"');
  const states = hardness.shape[0]!;
  const rows = Array.from({ length: states }, (_, i) =>
    relativeHardness(hardness.data.slice(i * states, (i + 1) * states), i),
  );
  const anchors = [numberParameter(golden, 'first')];
  for (let at = anchors[0]!; at < states - 1; anchors.push(at))
    at = nextAnchor(rows[at]!, at, numberParameter(golden, 'delta'));
  return { outputs: { anchors, relativeHardness: rows.flat() } };
};

export const rcoUnits: Record<string, Unit> = {
  'anchors-equal-interval': equalInterval,
  'anchors-greedy': greedy,
};
