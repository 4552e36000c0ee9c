import type { NumberKnob } from '../../distill/knobs';

/** Typed text as a number: a decimal comma and "1e-4" are understood. */
export function parseNumber(text: string): number {
  const plain = text
    .trim()
    .replace('−', '-')
    .replace(/^(-?\d+),(\d+)$/, '$1.$2');
  return plain === '' ? Number.NaN : Number(plain);
}

/** A knob's value as text, without noise from binary fractions. */
export function numberText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential().replace('e-', 'e-');
  return String(Number(value.toPrecision(10)));
}

/**
 * The next value up (1) or down (-1): a step, ten steps, or on a log scale a fifth of a decade. A weight may be 0.001
 * or 30,000: its step goes with its size.
 */
export function nudged(knob: NumberKnob, value: number, direction: 1 | -1, large: boolean): number {
  if (knob.scale === 'log') return clamp(knob, roundTo(value * 10 ** (direction * (large ? 1 : 0.1)), 2));
  const sized = !knob.integer && !hasSlider(knob) && value !== 0;
  const step = (sized ? sizedStep(value) : knob.step) * (large ? 10 : 1);
  const moved = value + direction * step;
  return clamp(knob, sized ? roundTo(moved, 6) : onGrid(knob, moved));
}

/** A twentieth of the power of ten near the value: 0.05 for 0.9 and for 1, 5 for 100. */
function sizedStep(value: number): number {
  return 10 ** Math.floor(Math.log10(Math.abs(value)) + 0.1) / 20;
}

/** A slider helps where its values are far enough apart to be set by dragging; counts up to 100,000 are typed. */
export function hasSlider(knob: NumberKnob): boolean {
  return knob.scale === 'log' || (knob.max - knob.min) / knob.step <= 400;
}

/** Place of a value on the slider, 0..1. */
export function toShare(knob: NumberKnob, value: number): number {
  const [low, high, at] =
    knob.scale === 'log'
      ? [Math.log(knob.min), Math.log(knob.max), Math.log(Math.max(value, knob.min))]
      : [knob.min, knob.max, value];
  return Math.min(1, Math.max(0, (at - low) / (high - low)));
}

export function fromShare(knob: NumberKnob, share: number): number {
  if (knob.scale !== 'log') return clamp(knob, onGrid(knob, knob.min + share * (knob.max - knob.min)));
  return clamp(knob, roundTo(Math.exp(Math.log(knob.min) + share * Math.log(knob.max / knob.min)), 2));
}

function onGrid(knob: NumberKnob, value: number): number {
  if (knob.scale === 'log') return value;
  const steps = Math.round((value - knob.min) / knob.step);
  return Number((knob.min + steps * knob.step).toPrecision(10));
}

function clamp(knob: NumberKnob, value: number): number {
  return Math.min(knob.max, Math.max(knob.min, value));
}

function roundTo(value: number, figures: number): number {
  return Number(value.toPrecision(figures));
}
