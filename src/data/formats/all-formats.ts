/**
 * All formats, in the order in which they are tried. A new format is a file beside this one and a line here. Formats
 * that are recognised only to be refused are in `refusals.ts`.
 */
import { arff } from './arff';
import { arrow } from './arrow';
import { cifar10, cifar100 } from './cifar';
import { csv } from './csv';
import type { Format } from './dataset-format';
import { hdf5 } from './hdf5';
import { idx } from './idx';
import { matlab } from './matlab';
import { npy } from './npy';
import { parquet } from './parquet';
import { pictures } from './pictures';
import { pickles, torch } from './torch';
import { sounds } from './sounds';
import { stl10 } from './stl10';
import { tfrecord } from './tfrecord';

// IDX and STL-10 come before CIFAR, because a file of theirs may have the length of a whole number of CIFAR records. Pixels may
// begin like a pickle.
export const formats: readonly Format[] = [
  npy,
  torch,
  parquet,
  arrow,
  matlab,
  hdf5,
  tfrecord,
  idx,
  stl10,
  cifar10,
  cifar100,
  arff,
  pickles,
  pictures,
  sounds,
];

/** Tried last: any text with separators looks like a table. */
export const tables: Format = csv;

/** Arrays of these beside pictures may be their labels. */
export const sideArrays: readonly Format[] = [matlab, npy];
