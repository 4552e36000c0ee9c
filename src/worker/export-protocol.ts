/** The border between the page and the export worker: types only. */
import type { ExportedFile, ModelFormat } from '../export/files';
import type { ModelOptions } from '../export/model-source';
import type { HandOver } from '../training/hand-over';

export interface ModelRequest {
  type: 'model';
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
  type: 'pytorch';
  handOver: HandOver;
  withImages: boolean;
  title: string;
  name: string;
}

export type ExportRequest = ModelRequest | PytorchRequest;
export type ExportCommand = ExportRequest & { request: number };

export type ExportMessage =
  | { type: 'progress'; request: number; text: string; share: number }
  | { type: 'file'; request: number; file: ExportedFile }
  /** A sentence for the person. */
  | { type: 'problem'; request: number; problem: string };
