import { Tooltip } from '@mantine/core';
import type { ChartMark } from '../chart-marks';
import type { Frame } from './Plot';
import classes from './plot.module.css';

interface Props {
  marks: readonly ChartMark[];
  frame: Frame;
  steps: [number, number];
}

/** Where knobs were turned, and where another backend went on. */
export function Marks({ marks, frame, steps }: Props) {
  const inner = frame.width - frame.left - frame.right;
  return marks.map(({ kind, step, label }, index) => {
    const text = `Step ${step}: ${label}`;
    const share = (step - steps[0]) / Math.max(1, steps[1] - steps[0]);
    return (
      <Tooltip
        key={`${index} ${label}`}
        label={text}
        w="auto"
        openDelay={0}
        events={{ hover: true, focus: true, touch: true }}
      >
        <button
          type="button"
          className={classes.mark}
          data-kind={kind}
          aria-label={text}
          style={{
            left: frame.left + share * inner,
            top: frame.top - 8,
            height: frame.height - frame.top - frame.bottom + 8,
          }}
        >
          <svg width="9" height="100%" aria-hidden="true">
            <line x1="4.5" x2="4.5" y1="0" y2="100%" />
            {kind === 'knob' && <path d="M.5 0H8.5L4.5 6Z" />}
          </svg>
          {kind === 'backend' && <span data-side={share > 0.5 ? 'left' : 'right'}>{label}</span>}
        </button>
      </Tooltip>
    );
  });
}
