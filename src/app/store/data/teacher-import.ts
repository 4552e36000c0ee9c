import type { ImportedTeacher } from '../../../storage/schema';
import { comesFromFiles, knobsOfFiles, lineArrow, lineUpTo } from '../../../distill/teachers/abouts';
import type { Recipe } from '../../../distill/recipe';
import type { Learner } from '../../../training/events';
import type { RunId, TrainingProtocol } from '../../../worker/training-protocol';
import { learnerStyles } from '../../theme/learner-styles';
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
  /** Files of an ONNX model that is to be asked for its answers; null when there is none. */
  onnxFiles: readonly File[] | null;
  /** @param as what files that were made of an ONNX model are called */
  importTeacher: (files: readonly File[], as?: TeacherName) => Promise<void>;
  leaveOnnx: () => void;
  /** Makes a network of an earlier run the teacher. */
  teachFromRun: (id: RunId, learner: Learner) => Promise<void>;
  /** Asks for the teacher that the recipe names, which may have been imported on an earlier visit. */
  findTeacher: (file: string) => void;
}

/** See `importTeacher` of the training worker. */
type TeacherName = TrainingProtocol['calls']['importTeacher']['takes']['as'];

/** Which teacher a recipe has after files were refused, a sentence. */
function remains(recipe: Recipe, known: ImportedTeacher | null): string {
  const { file = '' } = recipe.teacher.knobs;
  const isFromFile = comesFromFiles(recipe.teacher);
  if (isFromFile && file === '') return 'No teacher is chosen yet.';
  if (isFromFile && known?.id === file) return `The teacher is still ${known.name}.`;
  return `The teacher is still the one that was chosen before: ${teacherSummary(recipe)}.`;
}

type Taken = TrainingProtocol['calls']['importTeacher']['gives'];

const gone = 'The teacher of this recipe came from a file that is not kept here. Choose the file again.';

export const importedTeacherSlice: DataSlice<ImportedTeacherSlice> =
  ({ view, library, recipe, training }) =>
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
    /** Asks for a teacher, and makes it the recipe's. @param line see `knobsOfFiles` */
    const take = async (asked: () => Promise<Taken>, line: string) => {
      recalled = null;
      set(({ importedTeacher }) => ({
        importedTeacher: { ...importedTeacher, pending: true, problem: null },
      }));
      const found = ({ teacher }: Taken) => {
        set({ importedTeacher: { pending: false, teacher, problem: null } });
        const { setTeacherKind, setKnobs } = recipe.getState();
        const { kind, knobs } = knobsOfFiles(teacher, line);
        setTeacherKind(kind);
        setKnobs(
          Object.fromEntries(Object.entries(knobs).map(([name, value]) => [`teacher.knobs.${name}`, value])),
        );
        view.getState().announce(`${teacher.name} can teach here.`);
      };
      await follow(
        asked,
        found,
        () => ` ${remains(recipe.getState().recipe, get().importedTeacher.teacher)}`,
      );
    };
    const present = () => ({ recipe: recipe.getState().recipe, dataset: get().ownSet() });
    return {
      importedTeacher: { pending: false, teacher: null, problem: null },
      onnxFiles: null,
      leaveOnnx: () => set({ onnxFiles: null }),
      importTeacher: async (files, as) => {
        if (files.length === 0) return;
        const isOnnx = files.some(({ name }) => /\.onnx$/i.test(name));
        set({ onnxFiles: isOnnx ? files : null });
        if (isOnnx) return;
        const chosen = files.map((file) => ({ path: file.name, bytes: file }));
        await take(
          () => training.call('importTeacher', { files: chosen, ...present(), ...(as ? { as } : {}) }),
          '',
        );
      },
      teachFromRun: async (id, learner) => {
        const run = library.getState().runs.find((known) => known.id === id);
        if (!run) return;
        const who = learnerStyles[learner].short ?? learnerStyles[learner].label;
        const name = `${who} of run ${run.number} (${run.name})`;
        const line = lineUpTo(run.recipe, learner).join(lineArrow);
        await take(
          () => training.call('teacherOfRun', { run: id, learner, from: 'end', name, ...present() }),
          line,
        );
        const { problem } = get().importedTeacher;
        // Its form may be folded away.
        if (problem !== null)
          view.getState().notify({
            tone: 'warning',
            title: `${who} of run ${run.number} cannot teach here`,
            text: problem,
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
