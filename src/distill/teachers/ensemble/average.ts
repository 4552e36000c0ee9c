import type { Tensor } from '../../../engine/tf';
import { meanOf } from '../../tasks/known-column';
import type { Task } from '../../tasks/task';

export type Average = 'logits' | 'probabilities';

/**
 * What an ensemble answers [B,outputs]: the mean of its members' outputs, or what stands for the mean of their
 * probabilities.
 * @param members outputs [B,outputs] each, constants
 */
export function averageAnswers(members: readonly Tensor[], average: Average, task: Task): Tensor {
  return average === 'logits' ? meanOf(members) : task.averageProbabilities(members);
}
