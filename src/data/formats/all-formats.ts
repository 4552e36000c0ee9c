/**
 * The formats that are read, in the order in which they are asked. A new format is a file beside this one and a line
 * here; what is only recognised to be refused is in refusals.ts.
 */
import { cifar10, cifar100 } from './cifar';
import { csv } from './csv';
import type { Format } from './dataset-format';
import { idx } from './idx';
import { npy } from './npy';
import { parquet } from './parquet';
import { pictures } from './pictures';

// IDX before CIFAR: the length of an IDX file can be a whole number of CIFAR records.
export const formats: readonly Format[] = [npy, parquet, idx, cifar10, cifar100, pictures];

/** Asked when no other is it and nothing better is known: any text with separators looks like a table. */
export const tables: Format = csv;
