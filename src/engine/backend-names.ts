/** Names of backends and facts about the active one, for the page; without TensorFlow.js. */
export type BackendName = 'webgpu' | 'wasm' | 'webgl' | 'cpu';

export const backendTitles: Readonly<Record<BackendName, string>> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  webgl: 'WebGL',
  cpu: 'Plain JavaScript',
};

/**
 * Raised with every change of a backend's kernels after which the same step gives other last digits. Stored runs and kept
 * teachers carry it.
 */
export const kernelVersions: Readonly<Record<BackendName, number>> = { webgpu: 1, wasm: 2, webgl: 1, cpu: 1 };

/** Name, device and kernels of a backend, as far as numbers depend on them. */
export function backendKey({ name, device }: BackendFacts): string {
  return `${name}, ${device}, kernels ${kernelVersions[name]}`;
}

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
