import { useCursor } from './cursor';
import type { Frame } from './Plot';
import classes from './plot.module.css';

export function CursorLine({ frame, steps }: { frame: Frame; steps: [number, number] }) {
  const step = useCursor((state) => state.step);
  if (step === null || step < steps[0] || step > steps[1]) return null;
  const share = (step - steps[0]) / Math.max(1, steps[1] - steps[0]);
  const left = frame.left + share * (frame.width - frame.left - frame.right);
  return (
    <div
      className={classes.cursor}
      data-figure="none"
      style={{ left, top: frame.top, height: frame.height - frame.top - frame.bottom }}
    />
  );
}
