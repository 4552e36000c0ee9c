/** What the page needs of its workers; the real clients and those of tests both fit. */
import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../data/dataset';
import type { Storage } from '../storage/storage';
import type { ExportProtocol } from '../worker/export-protocol';
import type { Caller } from '../worker/rpc';
import type { TrainingEvent, TrainingProtocol } from '../worker/training-protocol';

export type TrainingPort = Caller<TrainingProtocol>;

/** Makes files of networks. */
export type ExportPort = Caller<ExportProtocol>;

export interface ImportTask {
  result: Promise<{ report: ImportReport; dataset: Dataset | null }>;
  cancel(): void;
}

export interface ExportTask {
  result: Promise<Blob | null>;
  cancel(): void;
}

export interface ImportPort {
  importFiles(
    files: ImportFile[],
    onProgress?: (text: string, share: number | null) => void,
    choices?: ImportChoices,
  ): ImportTask;
  /** Packs a set as a zip of class folders; null when it was cancelled. */
  exportSet(dataset: Dataset, onProgress?: (text: string, share: number | null) => void): ExportTask;
  bundled(id: string): Promise<Dataset>;
  dispose(): void;
}

export interface Ports {
  training: (listener: (event: TrainingEvent) => void) => TrainingPort;
  imports: () => ImportPort;
  exports: () => ExportPort;
  /** Opens what the browser keeps of this page; without it, runs are kept until the tab is closed. */
  storage?: (onWait?: () => void) => Promise<Storage>;
}
