/** What the bench of peers asks of a runner, a process of its own: a line of JSON each way. */
import type { EngineCase } from '../engine/training';

export type Question =
  /** Makes the network and takes no step. `start` gives it the numbers of another runner's. */
  | { do: 'begin'; case: EngineCase; start: Start | null }
  /** Takes steps, and tells how long one took and the loss of each. */
  | { do: 'step'; steps: number };

/** What a training begins with, in the layouts of the engine. */
export interface Start {
  pixels: number[];
  /** Parameters that are trained, then those of the frozen teacher, in the networks' order. */
  trained: Numbers[];
  teacher: Numbers[];
}

export interface Numbers {
  shape: number[];
  values: number[];
}

export interface Begun {
  start: Start | null;
  /** Number of trained parameters. */
  parameters: number;
}

export interface Stepped {
  /** Milliseconds a step, of the wall clock and of the processor; a page is not told the latter. */
  wallMs: number;
  processorMs: number | null;
  losses: number[];
}

/** A runner says this once, before it is asked anything. */
export interface Ready {
  title: string;
}
