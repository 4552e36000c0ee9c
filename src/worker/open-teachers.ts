/** Imported teachers: in the storage, or in memory where they could not be stored. */
import { heldTeacher, loadTeacher, readHeldTeacher, storeTeacher } from '../storage/stored-teachers';
import type { HeldTeacher, WholeTeacher } from '../storage/stored-teachers';
import type { Storage } from '../storage/storage';

export class OpenTeachers {
  /** The last one that was used. */
  private open: WholeTeacher | null = null;
  private readonly held = new Map<string, HeldTeacher>();

  constructor(private readonly storage: () => Promise<Storage>) {}

  /** Stores a teacher for later runs. @returns its copy in memory where it could not be stored, else null */
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
    // The copy stays while the page is open.
    const held = await heldTeacher(teacher);
    this.hold(held);
    return held;
  }

  hold(teacher: HeldTeacher): void {
    this.held.set(teacher.about.id, teacher);
  }

  /** The teacher with this id, or null. @throws StorageFault `damaged`, DOMException */
  async find(id: string): Promise<WholeTeacher | null> {
    const teacher = (await this.atHand(id)) ?? (await loadTeacher(await this.storage(), id));
    if (teacher) this.open = teacher;
    return teacher;
  }

  /** The teacher with this id if it is in memory (stored or not), else null. */
  async atHand(id: string): Promise<WholeTeacher | null> {
    if (this.open?.about.id === id) return this.open;
    const held = this.held.get(id);
    return held ? readHeldTeacher(held) : null;
  }
}
