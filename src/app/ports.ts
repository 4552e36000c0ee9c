/** What the page needs of its workers; the real clients and those of tests both fit. */
import type { Dataset, ImportReport } from '../data/dataset';
import type { TrainingCommand, TrainingMessage } from '../worker/protocol';

export interface TrainingPort {
  send(command: TrainingCommand): void;
  dispose(): void;
}

export interface ImportTask {
  result: Promise<{ report: ImportReport; dataset: Dataset | null }>;
  cancel(): void;
}

export interface ImportPort {
  importFiles(
    files: { path: string; bytes: Blob }[],
    onProgress?: (text: string, share: number | null) => void,
  ): ImportTask;
  bundled(id: string): Promise<Dataset>;
  dispose(): void;
}

export interface Ports {
  training: (listener: (message: TrainingMessage) => void) => TrainingPort;
  imports: () => ImportPort;
}
