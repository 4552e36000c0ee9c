import { useEffect, useMemo, useState } from 'react';
import { onlyView, type Column, type FileColumn, type TargetSpec, type VectorSpec } from '../../data/dataset';
import { describeTarget } from '../../data/describe-set';
import { previewRows, type ColumnReport } from '../../data/import-report';
import { cellsOf, type Cell } from '../../data/tables/encode-row';
import type { SetHandle } from '../../storage/set-handle';
import { readVectors } from '../../storage/set-rows';
import { ColumnTable } from '../data/ColumnTable';
import { count, figure } from '../format';
import { Dialog } from '../shell/Dialog';
import { useData, useRecipe, useView } from '../store/hooks';
import classes from './dataset.module.css';

/** The table of the recipe: its columns and first rows for training. */
export default function TableView() {
  const id = useRecipe((state) => state.recipe.material.dataset);
  const set = useData(({ upload, bundled }) => (id === 'upload' ? upload : bundled[id]));
  const show = useView((state) => state.set);
  const spec = set?.inputs[onlyView];
  if (!set || spec?.kind !== 'vector') return null;
  return (
    <Dialog onClose={() => show({ panel: null })} title={set.title} width={960}>
      <p className={`${classes.muted} ${classes.intro}`}>
        {count(set.train.count)} rows to train on, {count(set.test.count)} to test,{' '}
        {describeTarget(set.target)}. Below are its columns, with the first rows to train on; a network gets{' '}
        {spec.names.length === 1 ? 'one number' : `${count(spec.names.length)} numbers`} a row.
      </p>
      <Rows set={set} spec={spec} />
    </Dialog>
  );
}

function Rows({ set, spec }: { set: SetHandle; spec: VectorSpec }) {
  const rows = useMemo(() => [...Array(Math.min(previewRows, set.train.count)).keys()], [set]);
  const [vectors, setVectors] = useState<Float32Array | null>(null);
  const rescue = useData((state) => state.rescueSet);
  useEffect(() => {
    let gone = false;
    readVectors(set, rows).then(
      (read) => {
        if (!gone) setVectors(read);
      },
      () => {
        if (!gone) void rescue();
      },
    );
    return () => {
      gone = true;
    };
  }, [set, rows, rescue]);
  if (!vectors) return <p className={classes.muted}>Reading the rows</p>;
  const columns = spec.columns ?? spec.names.map((name) => ({ name, use: 'number' as const, median: null }));
  const width = spec.names.length;
  const cells = rows.map((row) => cellsOf(columns, vectors.subarray(row * width, (row + 1) * width)));
  return (
    <ColumnTable
      columns={[...targetColumns(set.target, set.train.targets, rows), ...inputColumns(columns, cells)]}
    />
  );
}

function inputColumns(columns: readonly FileColumn[], cells: readonly (readonly Cell[])[]): ColumnReport[] {
  let at = 0;
  return columns.map((column): ColumnReport => {
    const { name, use } = column;
    if (use === 'left out') return { name, use, note: column.why, cells: cells.map(() => '–') };
    const own = cells.map((row) => textOf(row[at]!));
    at++;
    return { name, use, note: noteOf(column), cells: own };
  });
}

function textOf(cell: Cell): string {
  // A 32-bit float has about seven digits; more of them would be those of its rounding.
  return typeof cell === 'number' ? String(Number(cell.toPrecision(6))) : (cell ?? '');
}

function noteOf(column: Exclude<FileColumn, { use: 'left out' }>): string {
  if (column.use === 'category')
    return `one number for each of ${count(column.values.length)} values${column.gaps ? ', one for gaps' : ''}`;
  const notes = [
    ...(column.unit ? [`in ${column.unit}`] : []),
    ...(column.median === null ? [] : [`gaps take ${figure(column.median)} and are marked`]),
  ];
  return notes.join('; ');
}

function targetColumns(target: TargetSpec, { values }: Column, rows: readonly number[]): ColumnReport[] {
  const { kind, names } = target;
  if (kind === 'class')
    return [{ name: 'Class', use: 'target', note: '', cells: rows.map((row) => names[values[row]!]!) }];
  return names.map((name, k) => ({
    name,
    use: 'target',
    note: kind === 'number' ? target.units[k]! : 'label',
    cells: rows.map((row) => textOf(values[row * names.length + k]!)),
  }));
}
