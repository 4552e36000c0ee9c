/** What a data set holds, in words. */
import type { Dataset, InputSpec, TargetSpec } from './dataset';
import { counted, plural } from './limits';

/** "10 classes, 8 × 8 grey"; "1 number (°), 4 columns" */
export function describeContents({ inputs, target }: Pick<Dataset, 'inputs' | 'target'>): string {
  return [describeTarget(target), ...Object.values(inputs).map(describeInput)].join(', ');
}

/** "8 × 8 grey" (width × height), "4 columns" */
export function describeInput(spec: InputSpec): string {
  return spec.kind === 'image'
    ? `${spec.width} × ${spec.height} ${spec.channels === 1 ? 'grey' : 'colour'}`
    : plural(spec.names.length, 'column');
}

/** "10 classes", "1 number (°)", "2 numbers", "14 labels" */
export function describeTarget(target: TargetSpec): string {
  const { kind, names } = target;
  if (kind === 'class') return `${counted(names.length)} classes`;
  if (kind === 'labels') return plural(names.length, 'label');
  const units = [...new Set(target.units.filter(Boolean))];
  return plural(names.length, 'number') + (units.length > 0 ? ` (${units.join(', ')})` : '');
}
