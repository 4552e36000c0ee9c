import { withValue } from '../../distill/recipe';
import type { BroughtTeacher } from '../../storage/schema';
import type { TrainingMessage } from '../../worker/protocol';
import type { Slice } from './state';

/** A teacher from the person's own files; the files stay in the training worker and in the browser's storage. */
export interface BroughtSlice {
  brought: {
    pending: boolean;
    teacher: BroughtTeacher | null;
    /** Why the last files cannot teach, a sentence. */
    problem: string | null;
  };
  bringTeacher: (files: readonly File[]) => Promise<void>;
  /** Asks for the teacher that the recipe names, which may have been brought on another day. */
  recallTeacher: (file: string) => void;
  takeBrought: (message: Extract<TrainingMessage, { type: 'brought' }>) => void;
}

const gone = 'The teacher of this recipe came from a file that is not kept here. Choose the file again.';

export const broughtSlice: Slice<BroughtSlice> =
  ({ training }) =>
  (set, get) => {
    let latest = 0;
    /** The checksum that was asked for, when the last request was such a question. */
    let recalled: string | null = null;
    return {
      brought: { pending: false, teacher: null, problem: null },
      bringTeacher: async (files) => {
        if (files.length === 0) return;
        const request = ++latest;
        recalled = null;
        set(({ brought }) => ({ brought: { ...brought, pending: true, problem: null } }));
        const read = await Promise.all(
          files.map(async (file) => ({ path: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
        );
        const { recipe, upload } = get();
        const dataset = recipe.material.dataset === 'upload' ? upload : null;
        training.send({ type: 'bring', request, files: read, recipe, dataset });
      },
      recallTeacher: (file) => {
        const { teacher, pending } = get().brought;
        if (file === '' || teacher?.id === file) return;
        if (pending && (recalled === null || recalled === file)) return;
        const request = ++latest;
        recalled = file;
        set({ brought: { teacher, pending: true, problem: null } });
        training.send({ type: 'recall', request, file });
      },
      takeBrought: ({ request, found }) => {
        if (request !== latest) return;
        if (found === null || 'problem' in found) {
          const problem = found === null ? gone : found.problem;
          set(({ brought }) => ({ brought: { ...brought, pending: false, problem } }));
          return;
        }
        const { id, network, normalisation, answers } = found;
        set({ brought: { pending: false, teacher: found, problem: null } });
        if (recalled !== null) return;
        const values = {
          file: id,
          fileNetwork: network,
          fileAnswers: answers,
          fileMean: normalisation.mean,
          fileDeviation: normalisation.deviation,
        };
        set(({ recipe }) => ({
          recipe: Object.entries(values).reduce(
            (next, [knob, value]) => withValue(next, `teacher.knobs.${knob}`, value),
            recipe,
          ),
        }));
        get().announce(`${found.name} can teach here.`);
      },
    };
  };
