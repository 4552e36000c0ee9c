import { onlyView, type Column, type Split } from '../dataset';

/** A split of one view in which every row has a target. */
export function splitOf(count: number, input: Column, targets: Column): Split {
  return { count, inputs: { [onlyView]: input }, targets, known: new Uint8Array(count).fill(1) };
}
