import type { ImportedTeacher } from '../../../storage/schema';
import type { Recipe } from '../../../distill/recipe';
import { teacherSummary } from '../../recipe/summaries';
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

/** What a recipe says of a teacher from files, by path. */
function knobsOf({ id, network, normalisation, answers, members }: ImportedTeacher) {
  const knobs = members
    ? { file: id, fileMembers: members.length, fileAnswers: answers }
    : {
        source: 'file',
        file: id,
        fileNetwork: network,
        fileAnswers: answers,
        fileMean: normalisation.mean,
        fileDeviation: normalisation.deviation,
      };
  return Object.fromEntries(Object.entries(knobs).map(([name, value]) => [`teacher.knobs.${name}`, value]));
}

/** Which teacher a recipe has after files were refused, a sentence. */
function remains(recipe: Recipe, known: ImportedTeacher | null): string {
  const { file = '', source } = recipe.teacher.knobs;
  const isFromFile = source === 'file' || recipe.teacher.kind === 'recorded';
  if (isFromFile && file === '') return 'No teacher is chosen yet.';
  if (isFromFile && known?.id === file) return `The teacher is still ${known.name}.`;
  return `The teacher is still the one that was chosen before: ${teacherSummary(recipe)}.`;
}

const gone = 'The teacher of this recipe came from a file that is not kept here. Choose the file again.';

export const importedTeacherSlice: DataSlice<ImportedTeacherSlice> =
  ({ view, recipe, training }) =>
  (set, get) => {
    let latest = 0;
    /** The checksum that was asked for, when the last request was such a question. */
    let recalled: string | null = null;
    /**
     * Sends a request; its answer goes to `found` only if no later request was sent.
     * @param besides what is said after the sentence of a failure
     */
    const follow = async <T>(
      asked: () => Promise<T>,
      found: (answer: T) => void,
      besides: () => string = () => '',
    ) => {
      const request = ++latest;
      try {
        const answer = await asked();
        if (request === latest) found(answer);
      } catch (error) {
        if (request === latest)
          set(({ importedTeacher }) => ({
            importedTeacher: {
              ...importedTeacher,
              pending: false,
              problem: `${sentenceOf(error)}${besides()}`,
            },
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
        const found = ({ teacher }: Awaited<ReturnType<typeof ask>>) => {
          set({ importedTeacher: { pending: false, teacher, problem: null } });
          const { setTeacherKind, setKnobs } = recipe.getState();
          setTeacherKind(teacher.members ? 'recorded' : 'single');
          setKnobs(knobsOf(teacher));
          view.getState().announce(`${teacher.name} can teach here.`);
        };
        await follow(
          ask,
          found,
          () => ` ${remains(recipe.getState().recipe, get().importedTeacher.teacher)}`,
        );
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
