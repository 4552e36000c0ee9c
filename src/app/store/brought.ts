import { withValue } from '../../distill/recipe';
import type { BroughtTeacherInfo } from '../../worker/protocol';
import type { Slice } from './state';

/** A teacher from the person's own files; its weights stay in the training worker. */
export interface BroughtSlice {
  brought: {
    pending: boolean;
    /** The file's name beside what was found in it. */
    teacher: (BroughtTeacherInfo & { name: string }) | null;
    /** Why the last files cannot teach, a sentence. */
    problem: string | null;
  };
  bringTeacher: (files: readonly File[]) => Promise<void>;
  takeBrought: (request: number, found: BroughtTeacherInfo | { problem: string }) => void;
}

export const broughtSlice: Slice<BroughtSlice> =
  ({ training }) =>
  (set, get) => {
    let latest = 0;
    let name = '';
    return {
      brought: { pending: false, teacher: null, problem: null },
      bringTeacher: async (files) => {
        if (files.length === 0) return;
        const request = ++latest;
        name = files.map((file) => file.name).join(', ');
        set(({ brought }) => ({ brought: { ...brought, pending: true, problem: null } }));
        const read = await Promise.all(
          files.map(async (file) => ({ path: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
        );
        const { recipe, upload } = get();
        const dataset = recipe.material.dataset === 'upload' ? upload : null;
        training.send({ type: 'bring', request, files: read, recipe, dataset });
      },
      takeBrought: (request, found) => {
        if (request !== latest) return;
        if ('problem' in found) {
          set(({ brought }) => ({ brought: { ...brought, pending: false, problem: found.problem } }));
          return;
        }
        const { id, network, normalisation } = found;
        const values = {
          file: id,
          fileNetwork: network,
          fileMean: normalisation.mean,
          fileDeviation: normalisation.deviation,
        };
        set(({ recipe }) => ({
          brought: { pending: false, teacher: { ...found, name }, problem: null },
          recipe: Object.entries(values).reduce(
            (next, [knob, value]) => withValue(next, `teacher.knobs.${knob}`, value),
            recipe,
          ),
        }));
        get().announce(`${network} can teach here.`);
      },
    };
  };
