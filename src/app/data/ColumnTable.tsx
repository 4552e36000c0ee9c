import type { ColumnReport } from '../../data/import-report';
import classes from './data.module.css';

const uses: Readonly<Record<ColumnReport['use'], string>> = {
  target: 'is learned',
  number: 'number',
  category: 'category',
  split: 'training or test',
  'left out': 'left out',
};

/** A note of so many letters stands on one line. */
const shortNote = 16;

/** The columns of a table, one a line: what becomes of each, and its first cells. */
export function ColumnTable({ columns }: { columns: readonly ColumnReport[] }) {
  const rows = columns[0]?.cells.length ?? 0;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Columns">
      <table className={`${classes.classTable} ${classes.columnTable}`}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Use</th>
            <th scope="col">Note</th>
            {Array.from({ length: rows }, (_, row) => (
              <th key={row} scope="col">
                Row {row + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, use, note, cells }, column) => (
            <tr key={column}>
              <th scope="row">{name}</th>
              <td>{uses[use]}</td>
              <td className={note.length > shortNote ? classes.columnNote : undefined}>{note}</td>
              {cells.map((cell, row) => (
                <td key={row} className={classes.cell} title={cell}>
                  {cell === '' ? <span className={classes.muted}>no value</span> : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
