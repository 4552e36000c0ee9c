/** Types of exports: the requested format and the resulting file. */

export type ModelFormat = 'safetensors' | 'onnx' | 'tfjs';

export interface ExportedFile {
  /** With its extension. */
  name: string;
  blob: Blob;
}
