/** What a recorded step on WebAssembly consists of. */
import type { Suspect } from '../../capture/trace';
import type { tf } from '../../tf';
import type { KernelName, WasmBackend } from '../launch';
import type { Job } from '../threads/team';
import type { Arena } from './arena';
import type { Binding } from './bindings';

export type Call = Parameters<tf.KernelFunc>[0];

/** One of our kernels. */
export interface OwnEntry {
  name: KernelName;
  kernel: (...operands: number[]) => number;
  operands: number[];
  /** The same in parts, where threads compute it together. */
  job?: Job;
}

/** A kernel of the backend's, which is called as it was, and finds its results where it made them. */
export interface StockEntry {
  name: string;
  kernelFunc: tf.KernelFunc;
  call: Call;
  made: tf.TensorInfo[];
  /** Inputs of which it may have kept a packed form: see `changed`. */
  packed: tf.TensorInfo[];
}

/** A tensor that was changed in place. */
export interface ChangedEntry {
  changed: tf.TensorInfo;
}

export type Entry = OwnEntry | StockEntry | ChangedEntry;

export interface TracedOutput {
  name: string;
  pointer: number;
  size: number;
  dtype: tf.DataType;
}

export interface Trace {
  backend: WasmBackend;
  arena: Arena;
  entries: Entry[];
  signature: string[];
  outputs: TracedOutput[];
  bindings: Binding[];
  /** Other data that the step reads. */
  pinned: object[];
  /** Data that the step made and disposed: the plan's own records of its memory. */
  made: object[];
  suspects: Suspect[];
}
