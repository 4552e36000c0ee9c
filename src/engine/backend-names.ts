/** What the page knows of backends; no TensorFlow.js here. */
export type BackendName = 'webgpu' | 'wasm' | 'webgl' | 'cpu';

export const backendTitles: Readonly<Record<BackendName, string>> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  webgl: 'WebGL',
  cpu: 'Plain JavaScript',
};

/** What computes. */
export type BackendFacts = Pick<BackendChoice, 'name' | 'device'>;

export interface BackendChoice {
  name: BackendName;
  /** "NVIDIA Ada Lovelace", "SwiftShader (software)", "8 threads, SIMD". */
  device: string;
  /** Why this one and not a better one, a sentence. */
  reason: string;
  forced: boolean;
  /** Backends that were tried and the reason each was not taken. */
  rejected: { name: BackendName; why: string }[];
}
