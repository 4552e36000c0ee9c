/** Arrow files and streams, Feather (version 2) and what `save_to_disk` of Hugging Face writes. */
import { openArrow } from '../containers/arrow-file';
import { isArrow } from '../containers/arrow-messages';
import { readColumnar } from './columnar';
import type { Format } from './dataset-format';

export const arrow: Format = {
  name: 'Arrow',
  noun: 'an Arrow file',
  recognise: ({ head }) => isArrow(head),
  read: readColumnar('Arrow', openArrow),
};
