/** Teachers from the person's own files: in the storage, or in memory where they could not be stored. */
import { heldTeacher, loadTeacher, readHeldTeacher, storeTeacher } from '../storage/stored-teachers';
import type { HeldTeacher, WholeTeacher } from '../storage/stored-teachers';
import type { Storage } from '../storage/storage';

export class OpenTeachers {
  /** The last one that was asked for. */
  private open: WholeTeacher | null = null;
  private readonly held = new Map<string, HeldTeacher>();

  constructor(private readonly storage: () => Promise<Storage>) {}

  /** Keeps a teacher for runs to come. @returns it as it is held in memory, where it could not be stored */
  async take(teacher: WholeTeacher): Promise<HeldTeacher | null> {
    this.open = teacher;
    const { about, files } = teacher;
    const stored = await this.storage()
      .then((storage) => storeTeacher(storage, about, files))
      .then(
        () => true,
        () => false,
      );
    if (stored) return null;
    // It is kept while the page is open, as runs are.
    const held = heldTeacher(teacher);
    this.hold(held);
    return held;
  }

  hold(teacher: HeldTeacher): void {
    this.held.set(teacher.about.id, teacher);
  }

  /** Null when there is none of this name. @throws StorageFault `damaged`, DOMException */
  async find(id: string): Promise<WholeTeacher | null> {
    const teacher = (await this.atHand(id)) ?? (await loadTeacher(await this.storage(), id));
    if (teacher) this.open = teacher;
    return teacher;
  }

  /** A teacher that is in memory, whether it is stored or not; null when it is not. */
  async atHand(id: string): Promise<WholeTeacher | null> {
    if (this.open?.about.id === id) return this.open;
    const held = this.held.get(id);
    return held ? readHeldTeacher(held) : null;
  }
}
