/** What the page needs of its workers; the real clients and those of tests both fit. */
import type { Storage } from '../storage/storage';
import type { ExportProtocol } from '../worker/export-protocol';
import type { OnnxProtocol } from '../worker/onnx-protocol';
import type { ImportClient } from '../worker/import-client';
import type { Caller } from '../worker/rpc';
import type { TrainingEvent, TrainingProtocol } from '../worker/training-protocol';

export type TrainingPort = Caller<TrainingProtocol>;

/** Makes files of networks. */
export type ExportPort = Caller<ExportProtocol>;

/** Runs ONNX models. */
export type OnnxPort = Caller<OnnxProtocol>;

/** Reads, changes and packs data sets. */
export type ImportPort = Pick<
  ImportClient,
  'importFiles' | 'changeSet' | 'exportSet' | 'bundled' | 'dispose'
>;

export interface Ports {
  training: (listener: (event: TrainingEvent) => void) => TrainingPort;
  imports: () => ImportPort;
  exports: () => ExportPort;
  /** Loaded when there is a model. */
  onnx: () => Promise<OnnxPort>;
  /** Opens what the browser keeps of this page; without it, runs are kept until the tab is closed. */
  storage?: (onWait?: () => void) => Promise<Storage>;
}
