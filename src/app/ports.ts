/** What the page needs of its workers; the real clients and those of tests both fit. */
import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../data/dataset';
import type { Storage } from '../storage/storage';
import type { ExportedFile } from '../export/files';
import type { ExportRequest } from '../worker/export-protocol';
import type { TrainingCommand, TrainingMessage } from '../worker/protocol';

export type { ExportRequest } from '../worker/export-protocol';

export interface TrainingPort {
  send(command: TrainingCommand): void;
  dispose(): void;
}

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

/** Makes files of networks. */
export interface ExportPort {
  /** Rejects with a sentence when there can be no such file. */
  make(command: ExportRequest, onProgress?: (text: string, share: number) => void): Promise<ExportedFile>;
  dispose(): void;
}

export interface Ports {
  training: (listener: (message: TrainingMessage) => void) => TrainingPort;
  imports: () => ImportPort;
  exports: () => ExportPort;
  /** Opens what the browser keeps of this page; without it, runs are kept until the tab is closed. */
  storage?: () => Promise<Storage>;
}
