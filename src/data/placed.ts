/** A picture with its class and its split. */
import type { Role } from './paths';
import type { RowTargets } from './raw-dataset';

export interface Placed<T> {
  item: T;
  role: Role | null;
  className: string;
  /** In place of a class. */
  targets?: RowTargets;
}
