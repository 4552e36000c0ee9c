/** Types of exports: the requested format and the resulting file. */

/** `integers`: safetensors of a student in low precision, as whole numbers with steps. */
export type ModelFormat = 'safetensors' | 'integers' | 'onnx' | 'tfjs';

export interface ExportedFile {
  /** With its extension. */
  name: string;
  blob: Blob;
}
