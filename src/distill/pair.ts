/** Whether a student is smaller than its teacher, which is what distillation is usually for. */
import { teacherAbouts, type TeacherKind } from './teachers/abouts';

/** A row of the cost sheet, as far as sizes go. */
export interface Sized {
  role: 'teacher' | 'student';
  name: string;
  parameters: number;
}

export interface SizeRemark {
  /** `warning`: the student does not get smaller by it; `note`: it is of one size on purpose. */
  tone: 'warning' | 'note';
  text: string;
}

/**
 * What is to be said of the sizes of a pair, null when the student is smaller or nothing can be said (no teacher,
 * peers, a model that shows only its answers). What counts as the teacher's size is declared by its kind.
 */
export function sizeRemark(kind: TeacherKind, networks: readonly Sized[]): SizeRemark | null {
  const { size } = teacherAbouts[kind];
  const student = networks.find(({ role }) => role === 'student');
  const teachers = networks.filter(({ role }) => role === 'teacher');
  const counted = size === 'all' ? teachers : size === 'first' ? teachers.slice(0, 1) : [];
  const parameters = counted.reduce((sum, network) => sum + network.parameters, 0);
  if (!student || parameters === 0 || student.parameters < parameters) return null;
  const mine = count(student.parameters);
  if (counted.length === 1 && counted[0]!.name === student.name)
    return {
      tone: 'note',
      text: `Student and teacher are the same network (${mine} parameters), as in born-again networks and self-training: nothing gets smaller here.`,
    };
  const whole = counted.length > 1 ? `its ${counted.length} teachers together` : 'its teacher';
  const beside =
    student.parameters === parameters ? `as many as ${whole}` : `${whole} only ${count(parameters)}`;
  return {
    tone: 'warning',
    text: `The student has ${mine} parameters, ${beside}: it is not a smaller network that learns here. Take a smaller student or a larger teacher.`,
  };
}

/** "98,666" */
const count = (value: number) => value.toLocaleString('en-US');
