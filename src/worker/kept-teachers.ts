/** Trained teachers for the runs of a worker: in the storage, or in memory where nothing can be stored. */
import type { TeacherPlace } from '../distill/teachers/teacher-key';
import { teacherAbouts } from '../distill/teachers/abouts';
import type { Recipe } from '../distill/recipe';
import {
  claimKeptTeacher,
  keptTeacherId,
  readKeptTeacher,
  storeKeptTeacher,
  type KeptTeacherAbout,
} from '../storage/kept-teachers';
import { soundEntries } from '../storage/run-contents';
import type { Storage } from '../storage/storage';
import type { KeptTeacher, KeptTeachers, TeacherClaim } from '../training/shared-teacher';

/** Where nothing can be stored, so many are in memory. */
const mostHeld = 4;

export class OpenKeptTeachers {
  private readonly held = new Map<string, KeptTeacher>();

  /** @param storage rejects where nothing can be stored */
  constructor(private readonly storage: () => Promise<Storage>) {}

  /** Teachers that can be trained in such a place. */
  at(place: TeacherPlace): KeptTeachers {
    return {
      place,
      claim: async (key, signal) => {
        const storage = await this.storage().catch(() => null);
        if (!storage) return this.fromMemory(key);
        // A fault of the storage costs a training, and never the run.
        return this.fromStorage(storage, place, key, signal).catch(() => null);
      },
    };
  }

  private async fromStorage(
    storage: Storage,
    place: TeacherPlace,
    key: string,
    signal: AbortSignal,
  ): Promise<TeacherClaim | null> {
    const id = await keptTeacherId(key);
    const claim = await claimKeptTeacher(storage, id, signal);
    if (!claim) return null;
    const kept = soundKept(await readKeptTeacher(storage, id).catch(() => null));
    if (kept) claim.letOthers();
    return {
      kept,
      keep: async (teacher, recipe) => {
        await storeKeptTeacher(storage, id, aboutOf(recipe, place), teacher).catch(() => undefined);
        claim.letOthers();
      },
      release: () => {
        claim.letOthers();
        claim.release();
      },
    };
  }

  private fromMemory(key: string): TeacherClaim {
    return {
      kept: this.held.get(key) ?? null,
      keep: (teacher) => {
        this.held.set(key, structuredClone(teacher));
        const [oldest] = this.held.keys();
        if (this.held.size > mostHeld) this.held.delete(oldest!);
        return Promise.resolve();
      },
      release: () => undefined,
    };
  }
}

function aboutOf({ title, seed, teacher }: Recipe, { dataset, backend }: TeacherPlace): KeptTeacherAbout {
  const { network } = teacher.knobs;
  const name = [teacherAbouts[teacher.kind].title, ...(network ? [network] : [])].join(', ');
  return { name, recipe: title, dataset, seed, backend };
}

/** Null for what is no kept teacher of this version of the page. Its weights are checked when they are restored. */
function soundKept(input: unknown): KeptTeacher | null {
  const { state, entries, labels } = (input ?? {}) as Partial<Record<keyof KeptTeacher, unknown>>;
  const networks = (state as Partial<KeptTeacher['state']> | undefined)?.networks;
  if (!Array.isArray(networks) || !networks.every(Array.isArray) || typeof labels !== 'string') return null;
  return { state: state as KeptTeacher['state'], entries: soundEntries(entries), labels };
}
