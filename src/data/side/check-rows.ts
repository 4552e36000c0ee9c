import { counted } from '../limits';
import { Unreadable } from '../source';

const mostRows = 500_000;

/** Throws `Unreadable` where a text has more rows than any set has pictures. */
export function checkRows(rows: number): void {
  if (rows > mostRows) throw new Unreadable(`has more than ${counted(mostRows)} rows`);
}
