/** What the export worker makes: types only. */
import type { ExportedFile, ModelFormat } from '../export/exported-file';
import type { ModelOptions } from '../export/model-source';
import type { SetRef } from '../storage/image-set';
import type { ExportBundle } from '../training/export-bundle';

export interface ModelRequest {
  format: ModelFormat;
  /** As a run hands them out. */
  safetensors: Uint8Array<ArrayBuffer>;
  learner: string;
  /** Title of the run. */
  run: string;
  options: ModelOptions;
  /** Of the file, without its ending. */
  name: string;
}

export interface PytorchRequest {
  bundle: ExportBundle;
  /** To be packed too. */
  images: SetRef | null;
  title: string;
  name: string;
}

/** Each call rejects with a sentence when there can be no such file. */
export type ExportProtocol = {
  calls: {
    model: { takes: ModelRequest; gives: ExportedFile };
    pytorch: { takes: PytorchRequest; gives: ExportedFile };
  };
  part: never;
  gathered: never;
  command: never;
  event: never;
};
