/** Names of backends and facts about the active one, for the page; without TensorFlow.js. */
export type BackendName = 'webgpu' | 'wasm' | 'webgl' | 'cpu';

export const backendTitles: Readonly<Record<BackendName, string>> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  webgl: 'WebGL',
  cpu: 'Plain JavaScript',
};

/** The backend that computes. */
export type BackendFacts = Pick<BackendChoice, 'name' | 'device'>;

export interface BackendChoice {
  name: BackendName;
  /** Device name: "NVIDIA Ada Lovelace", "SwiftShader (software)", "8 threads, SIMD". */
  device: string;
  /** Why this backend was chosen, as a sentence. */
  reason: string;
  forced: boolean;
  /** Backends that were tried before, each with the reason why it was not chosen. */
  rejected: { name: BackendName; why: string }[];
}
