/** HDF5 files, and those of MATLAB 7.3: arrays of images and labels by name. */
import { hdf5Arrays, isHdf5 } from '../containers/hdf5-file';
import { readArrayFiles } from './array-files';
import type { Format } from './dataset-format';

export const hdf5: Format = {
  name: 'HDF5',
  noun: 'an HDF5 file',
  recognise: ({ head }) => isHdf5(head),
  read: readArrayFiles('HDF5', hdf5Arrays),
};
