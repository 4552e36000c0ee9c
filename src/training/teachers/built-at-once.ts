import type { Teacher, TeacherBuilder } from './teacher';

/** The builder of a teacher that is there without a step of training: one that is loaded, or learns in the student's steps. */
export function builtAtOnce(create: () => Teacher | Promise<Teacher>): TeacherBuilder {
  return {
    // oxlint-disable-next-line require-yield -- no step, so no events
    ticks: async function* () {
      return create();
    },
    flush: () => Promise.resolve([]),
    state: () => Promise.resolve(null),
    restore: () => undefined,
    dispose: () => undefined,
  };
}
