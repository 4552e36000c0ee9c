/** Where a run stands between two steps, by names that other programs understand. Types only. */
import type { NamedArray, NamedSlots } from '../nn/layouts';

/** What a teacher's optimisers remember, by what they move. */
export interface TeacherSlots {
  /** Of its networks, in the student's schedule. */
  descent?: NamedSlots;
  /** Of its network, as the distillation moves it. */
  moving?: NamedSlots;
  /** Of modules inside its network, by their names. */
  modules?: Record<string, NamedSlots>;
}

/** Where an order of rows stands. */
export interface StoppedOrder {
  /** As they are shuffled now. */
  rows: Int32Array;
  /** How many of them are drawn. */
  cursor: number;
  /** Position of its random stream. */
  random: readonly number[];
}

export interface StoppedState {
  /** Steps of the student that are done. */
  done: number;
  /** Instances per step. */
  batch: number;
  /** The present stage of the learning rate: steps before it, and its length. */
  stage: { from: number; steps: number };
  batches: {
    /** Rows are places among the labelled rows, or among their copies. */
    labelled: StoppedOrder;
    /** The same of the unlabelled ones; null without any. */
    unlabelled: StoppedOrder | null;
    /** Positions of random streams; null for those that nothing is drawn from. */
    augmentation: readonly number[] | null;
    strong: readonly number[] | null;
    partners: readonly number[] | null;
  };
  /** [N] the class that the teacher saw last in each of the unlabelled rows, where these are drawn evenly over its classes; else null. */
  balanced: Int32Array | null;
  /** Of the meta set, with rows of the training split; null without an order of its own. */
  meta: StoppedOrder | null;
  /** Of the student and what it has learned by: "student.conv1.weight", "hints.fitnet.conv.weight". */
  slots: NamedSlots;
  student: NamedArray[];
  /** Values of the hints' modules and memories, as `ExportBundle.hintsStart` names them. */
  hints: NamedArray[];
  /** Of what hints train by themselves, by the module's name ("ffsd.converter"). */
  hintSlots: Record<string, NamedSlots>;
  /** [H] running means of the losses that these are divided by; null where they are not, or before the first step. */
  balance: Float32Array | null;
  /** What the weighting trains and remembers; null where it has no state. */
  weighting: { values: NamedArray[]; remembered: NamedArray[]; slots: NamedSlots } | null;
  teacher: TeacherSlots;
}
