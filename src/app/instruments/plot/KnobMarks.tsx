import { Tooltip } from '@mantine/core';
import type { KnobMark } from '../../../record/run-record';
import type { Frame } from './Plot';
import classes from './plot.module.css';

interface Props {
  marks: readonly KnobMark[];
  frame: Frame;
  steps: [number, number];
}

/** Where knobs were turned. */
export function KnobMarks({ marks, frame, steps }: Props) {
  const inner = frame.width - frame.left - frame.right;
  return marks.map(({ step, path, label, from, to }, index) => {
    const text = `Step ${step}: ${label} ${String(from)} → ${String(to)}`;
    const left = frame.left + ((step - steps[0]) / Math.max(1, steps[1] - steps[0])) * inner;
    return (
      <Tooltip
        key={`${index} ${path}`}
        label={text}
        w="auto"
        openDelay={0}
        events={{ hover: true, focus: true, touch: true }}
      >
        <button
          type="button"
          className={classes.mark}
          aria-label={text}
          style={{ left, top: frame.top - 8, height: frame.height - frame.top - frame.bottom + 8 }}
        />
      </Tooltip>
    );
  });
}
