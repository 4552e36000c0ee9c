/** Which groups of maps of the teacher go with which stages of the student. No tensor. */
import { mapGroups } from '../../../nn/map-groups';
import type { PairFacts } from '../../about';

export interface CommonGroup {
  /** Index among the teacher's groups. */
  group: number;
  /** How many maps the teacher has in it. */
  maps: number;
  /** Height and width of a map. */
  sides: readonly [number, number];
  /** The student's last stage of that size. */
  stage: number;
  channels: { student: number; teacher: number };
}

/** Groups of the teacher for which the student has a map of the same height and width, in the teacher's order. */
export function commonGroups({ student, teacher }: Pick<PairFacts, 'student' | 'teacher'>): CommonGroup[] {
  return mapGroups(teacher.more).flatMap((maps, group) => {
    const [height, width, channels] = maps[0] as [number, number, number];
    const stage = student.stages.findLastIndex(
      (shape) => shape.length === 3 && shape[0] === height && shape[1] === width,
    );
    if (stage < 0) return [];
    return {
      group,
      maps: maps.length,
      sides: [height, width] as const,
      stage,
      channels: { student: student.stages[stage]![2]!, teacher: channels },
    };
  });
}
