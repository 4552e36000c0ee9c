/** The thumbnail of a run: accuracies of student and control over the steps, few enough to lie in a list. */
import type { RunEvent } from '../training/events';

export interface Curve {
  steps: number[];
  /** 0..1, null for none */
  student: (number | null)[];
  control: (number | null)[];
}

/** When there are this many points, every other one goes. */
const most = 96;

export function emptyCurve(): Curve {
  return { steps: [], student: [], control: [] };
}

/** The curve with what the events add to it; steps that are told again replace what was there. */
export function withEvents(curve: Curve, events: readonly RunEvent[]): Curve {
  const points = curve.steps.map((step, i) => ({
    step,
    student: curve.student[i] ?? null,
    control: curve.control[i] ?? null,
  }));
  for (const event of events) {
    if (event.type !== 'evaluation' || event.phase !== 'student') continue;
    while (points.length > 0 && points.at(-1)!.step >= event.step) points.pop();
    points.push({
      step: event.step,
      student: event.accuracy.student ?? null,
      control: event.accuracy.control ?? null,
    });
  }
  // The newest one stays, so that the end of the line is right.
  const kept = points.length < most ? points : points.filter((_, i) => (points.length - 1 - i) % 2 === 0);
  return {
    steps: kept.map(({ step }) => step),
    student: kept.map(({ student }) => student),
    control: kept.map(({ control }) => control),
  };
}
