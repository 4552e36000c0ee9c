import { memo } from 'react';
import { SegmentedControl, Switch } from '@mantine/core';
import type { Phase } from '../../training/events';
import { useView } from '../store/hooks';
import classes from './instruments.module.css';

interface Props {
  phase: Phase;
  /** The phases of the run; one alone offers no choice. */
  phases: readonly Phase[];
  onPhase: (phase: Phase) => void;
  /** The score of the task that is drawn for the training split too: "accuracy". */
  score: string;
}

const phaseLabels: Record<Phase, string> = {
  teacher: 'Teacher’s training',
  generator: 'Generated pictures',
  prelude: 'Initialisation stage',
  student: 'Student’s training',
};

/** Switches of the curves. */
export const Toolbar = memo(function Toolbar({ phase, phases, onPhase, score }: Props) {
  const smoothing = useView((state) => state.smoothing);
  const logLoss = useView((state) => state.logLoss);
  const showTrain = useView((state) => state.showTrain);
  const set = useView((state) => state.set);
  return (
    <div className={classes.toolbar}>
      {phases.length > 1 ? (
        <SegmentedControl
          aria-label="Phase"
          value={phase}
          onChange={(value) => onPhase(value as Phase)}
          data={phases.map((value) => ({ value, label: phaseLabels[value] }))}
        />
      ) : (
        <h2>Curves</h2>
      )}
      <div className={classes.options}>
        <label className={classes.smoothing}>
          Smoothing
          <input
            type="range"
            min={0}
            max={0.98}
            step={0.01}
            value={smoothing}
            onChange={(event) => set({ smoothing: Number(event.currentTarget.value) })}
          />
        </label>
        <Switch
          label="Log loss"
          checked={logLoss}
          onChange={(event) => set({ logLoss: event.currentTarget.checked })}
        />
        <Switch
          label={`Train ${score}`}
          checked={showTrain}
          onChange={(event) => set({ showTrain: event.currentTarget.checked })}
        />
      </div>
    </div>
  );
});
