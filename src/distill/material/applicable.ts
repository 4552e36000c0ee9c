/** The knobs of material and student that mean something for a data set. No tensor. */
import { onlyView, type Dataset } from '../../data/dataset';
import { appliesTo, type Knobs, type KnobValues } from '../knobs';

/**
 * Knobs that are declared for other kinds of data take their default.
 * @returns the values that count, and a sentence for each knob that was turned and is left out
 */
export function applicableKnobs<Values extends KnobValues>(
  knobs: Knobs,
  values: Values,
  { inputs, target }: Pick<Dataset, 'inputs' | 'target'>,
): { values: Values; leftOut: string[] } {
  const set = { input: inputs[onlyView]!.kind, target: target.kind };
  const others = Object.entries(knobs).filter(([, knob]) => !appliesTo(knob, set));
  const turned = others.filter(
    ([name, knob]) => values[name] !== knob.default && (knob.when?.(values) ?? true),
  );
  return {
    values: { ...values, ...Object.fromEntries(others.map(([name, knob]) => [name, knob.default])) },
    leftOut: turned.map(
      ([, { label, for: kinds }]) =>
        `“${label}” is left out: it is for ${kinds!.inputs?.includes(set.input) === false ? 'images' : 'classes'}.`,
    ),
  };
}
