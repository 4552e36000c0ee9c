/** Parquet files: pictures with labels, or columns of values. */
import { isParquet, openParquet } from '../containers/parquet-file';
import { readColumnar } from './columnar';
import type { Format } from './dataset-format';

export const parquet: Format = {
  name: 'Parquet',
  noun: 'a Parquet file',
  recognise: (probe) => isParquet(probe, probe.head),
  read: readColumnar('Parquet', openParquet),
};
