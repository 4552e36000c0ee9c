import { targetsOf, type Dataset } from '../../data/dataset';
import { classification } from './classification';
import { multilabel } from './multilabel';
import { scaleOf } from './number-scale';
import { regression } from './regression';
import type { Task } from './task';

/** The task that a data set asks for. */
export function taskOf({ target, train }: Dataset): Task {
  switch (target.kind) {
    case 'class':
      return classification(target.names.length);
    case 'number':
      return regression(scaleOf(targetsOf(train)));
    case 'labels':
      return multilabel(target.names.length);
  }
}
