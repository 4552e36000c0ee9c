/** What an export is asked for and gives. */

export type ModelFormat = 'safetensors' | 'onnx' | 'tfjs';

export interface ExportedFile {
  /** With its ending. */
  name: string;
  blob: Blob;
}
