/** The part of a run before pictures and student: its teacher is restored, taken from another run, or built and handed over. */
import type { Checkpoint } from './checkpoint';
import type { RunEvent } from './events';
import { SharedTeacher, type KeptTeachers } from './shared-teacher';
import type { Teacher, TeacherBuilder, TeacherKindModule, TeacherSetup } from './teachers/teacher';

type Saved = Pick<Checkpoint, 'making' | 'taught' | 'teacher'>;

export class TeacherStage {
  /** Once it is there; owned by the stage. */
  teacher: Teacher | null = null;
  private readonly setup: TeacherSetup;
  private readonly kind: TeacherKindModule;
  private readonly saved: Saved | null;
  private readonly shared: SharedTeacher;
  private builder: TeacherBuilder | null = null;
  private isBuilding = false;

  /**
   * @param kept undefined where teachers are not shared
   * @param saved of the checkpoint to continue from
   */
  constructor(
    setup: TeacherSetup,
    kind: TeacherKindModule,
    kept: KeptTeachers | undefined,
    saved: Saved | null,
  ) {
    const { making = null, taught } = saved ?? {};
    this.setup = setup;
    this.kind = kind;
    this.saved = saved;
    this.shared = new SharedTeacher(kept, setup.setting.recipe, making === null ? null : taught);
  }

  /** After the last element `teacher` is there. */
  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { setup, kind, saved, shared } = this;
    const { stopRequested } = setup.context;
    if (saved?.teacher) {
      this.teacher = await kind.restore(setup, saved.teacher);
      return;
    }
    if (saved && saved.making !== null) {
      // Before the waiting, so that a checkpoint meanwhile loses nothing.
      this.builder = kind.build(setup);
      this.builder.restore(saved.making);
    }
    const kept = yield* shared.wait(stopRequested);
    if (kept) {
      this.endBuilding();
      this.teacher = await kind.restore(setup, kept.state);
      yield shared.eventsOf(kept);
      return;
    }
    this.builder ??= kind.build(setup);
    this.isBuilding = true;
    this.teacher = yield* this.builder.ticks();
    this.endBuilding();
    if (!stopRequested()) await shared.keep(await this.teacher.state());
  }

  /** Takes what the run has emitted, to be handed over with the teacher. */
  take(events: readonly RunEvent[]): void {
    if (this.isBuilding) this.shared.take(events);
  }

  async flush(): Promise<RunEvent[]> {
    return (await this.builder?.flush()) ?? [];
  }

  async state(): Promise<Saved> {
    const taught = this.builder ? this.shared.state() : undefined;
    return {
      making: (await this.builder?.state()) ?? null,
      ...(taught ? { taught } : {}),
      teacher: (await this.teacher?.state()) ?? null,
    };
  }

  /** Gives up the right to train the teacher, and the use of a kept one. */
  release(): void {
    this.shared.release();
  }

  dispose(): void {
    this.release();
    this.endBuilding();
    this.teacher?.dispose();
    this.teacher = null;
  }

  private endBuilding(): void {
    this.isBuilding = false;
    this.builder?.dispose();
    this.builder = null;
  }
}
