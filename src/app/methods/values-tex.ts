import { hintAbouts } from '../../distill/hints/abouts';
import type { Knobs, KnobValues } from '../../distill/knobs';
import { publishedNumber } from '../../distill/hints/weights';
import { publishedWeight, type Recipe } from '../../distill/recipe';

/**
 * The numbers that a recipe puts into its formula, as TeX: "\gamma = 0.1,\; w = 0.9,\; T = 4".
 * @param image [h,w,...] of the student's input, where it is known; without it a published weight stands as published
 */
export function valuesTex({ hints, objective }: Recipe, image?: readonly number[]): string {
  const several = hints.length > 1;
  const parts = [`\\gamma = ${texNumber(objective.ceWeight)}`];
  hints.forEach((entry, index) => {
    const { id, weight, knobs } = entry;
    const mark = several ? `^{(${index + 1})}` : '';
    parts.push(
      `w${mark} = ${texNumber(weight === publishedWeight ? publishedNumber(entry, image) : weight)}`,
    );
    for (const [name, knob] of Object.entries(hintAbouts[id].knobs as Knobs)) {
      const value = (knobs as KnobValues)[name];
      if (knob.symbol && value !== undefined)
        parts.push(`${knob.symbol}${mark} = ${texNumber(Number(value))}`);
    }
  });
  // In braces, so that a line may end between two numbers, not within one.
  return parts.map((part) => `{${part}}`).join(',\\;\\;\\allowbreak ');
}

/** 30000 -> "30\,000", 0.00001 -> "10^{-5}" */
function texNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && magnitude < 1e-3) {
    const power = Math.floor(Math.log10(magnitude));
    const factor = Number((value / 10 ** power).toPrecision(3));
    return factor === 1 ? `10^{${power}}` : `${factor}\\cdot 10^{${power}}`;
  }
  return String(value).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\\,');
}
