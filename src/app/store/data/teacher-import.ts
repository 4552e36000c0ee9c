import type { ImportedTeacher } from '../../../storage/schema';
import type { DataSlice } from './data-store';
import { sentenceOf } from '../../../limits/texts';

/** A teacher from the user's own files; the files stay in the training worker and in the browser's storage. */
export interface ImportedTeacherSlice {
  importedTeacher: {
    pending: boolean;
    teacher: ImportedTeacher | null;
    /** Why the last files cannot teach, a sentence. */
    problem: string | null;
  };
  importTeacher: (files: readonly File[]) => Promise<void>;
  /** Asks for the teacher that the recipe names, which may have been imported on an earlier visit. */
  findTeacher: (file: string) => void;
}

const gone = 'The teacher of this recipe came from a file that is not kept here. Choose the file again.';

export const importedTeacherSlice: DataSlice<ImportedTeacherSlice> =
  ({ view, recipe, training }) =>
  (set, get) => {
    let latest = 0;
    /** The checksum that was asked for, when the last request was such a question. */
    let recalled: string | null = null;
    /** Sends a request; its answer goes to `found` only if no later request was sent. */
    const follow = async <T>(asked: () => Promise<T>, found: (answer: T) => void) => {
      const request = ++latest;
      try {
        const answer = await asked();
        if (request === latest) found(answer);
      } catch (error) {
        const problem = sentenceOf(error);
        if (request === latest)
          set(({ importedTeacher }) => ({
            importedTeacher: { ...importedTeacher, pending: false, problem },
          }));
      }
    };
    return {
      importedTeacher: { pending: false, teacher: null, problem: null },
      importTeacher: async (files) => {
        if (files.length === 0) return;
        recalled = null;
        set(({ importedTeacher }) => ({
          importedTeacher: { ...importedTeacher, pending: true, problem: null },
        }));
        const ask = () => {
          const chosen = files.map((file) => ({ path: file.name, bytes: file }));
          return training.call('importTeacher', {
            files: chosen,
            recipe: recipe.getState().recipe,
            dataset: get().ownSet(),
          });
        };
        await follow(ask, ({ teacher }) => {
          set({ importedTeacher: { pending: false, teacher, problem: null } });
          const { id, network, normalisation, answers, name } = teacher;
          recipe.getState().setKnobs({
            'teacher.knobs.file': id,
            'teacher.knobs.fileNetwork': network,
            'teacher.knobs.fileAnswers': answers,
            'teacher.knobs.fileMean': normalisation.mean,
            'teacher.knobs.fileDeviation': normalisation.deviation,
          });
          view.getState().announce(`${name} can teach here.`);
        });
      },
      findTeacher: (file) => {
        const { teacher, pending } = get().importedTeacher;
        if (file === '' || teacher?.id === file) return;
        if (pending && (recalled === null || recalled === file)) return;
        recalled = file;
        set({ importedTeacher: { teacher, pending: true, problem: null } });
        void follow(
          () => training.call('findTeacher', { file }),
          (found) =>
            set(({ importedTeacher }) => ({
              importedTeacher: {
                pending: false,
                teacher: found ?? importedTeacher.teacher,
                problem: found ? null : gone,
              },
            })),
        );
      },
    };
  };
