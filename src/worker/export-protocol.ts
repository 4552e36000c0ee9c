/** Messages between the page and the export worker: types only. */
import type { ExportedFile, ModelFormat } from '../export/exported-file';
import type { ExperimentAbout, LeavingCell } from '../export/pytorch/experiment-folder';
import type { ModelOptions } from '../export/model-source';
import type { SetRef } from '../storage/set-handle';
import type { ExportBundle } from '../training/export-bundle';

export interface ModelRequest {
  format: ModelFormat;
  /** Weights as `weights` of the training worker returns them. */
  safetensors: Uint8Array<ArrayBuffer>;
  learner: string;
  /** Title of the run. */
  run: string;
  options: ModelOptions;
  /** File name without its ending. */
  name: string;
}

export interface PytorchRequest {
  bundle: ExportBundle;
  /** The data set to pack too, as imported. */
  set: SetRef | null;
  title: string;
  name: string;
}

export interface CellRequest extends LeavingCell {
  /** Tells folders apart; another one takes the place of this. */
  folder: string;
  title: string;
  /** The data set to pack too, as imported. */
  set: SetRef | null;
}

export interface ExperimentRequest extends ExperimentAbout {
  folder: string;
}

/** Each call rejects with a sentence when the file cannot be made. */
export type ExportProtocol = {
  calls: {
    model: { takes: ModelRequest; gives: ExportedFile };
    pytorch: { takes: PytorchRequest; gives: ExportedFile };
    /** Adds a cell to the folder of an experiment. */
    cell: { takes: CellRequest; gives: void };
    /** The folder of an experiment, with the cells that were added to it. */
    experiment: { takes: ExperimentRequest; gives: ExportedFile };
  };
  part: never;
  gathered: never;
  command: never;
  event: never;
};
