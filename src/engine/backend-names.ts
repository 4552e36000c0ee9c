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
export const kernelVersions: Readonly<Record<BackendName, number>> = { webgpu: 4, wasm: 8, webgl: 1, cpu: 1 };

/** The device of WebAssembly. */
export function wasmDevice(threads: number): string {
  return threads === 1 ? '1 thread, SIMD' : `${threads} threads, SIMD`;
}

/** Name, device and kernels of a backend, as far as numbers depend on them: not on the number of threads. */
export function backendKey({ name, device }: BackendFacts): string {
  return `${name}, ${name === 'wasm' ? wasmDevice(1) : device}, kernels ${kernelVersions[name]}`;
}

/** What a backend may offer beside the rest, by WebGPU's name: numbers of 16 bits in shaders. */
export type DeviceFeature = 'shader-f16';

/** The backend that computes. */
export type BackendFacts = Pick<BackendChoice, 'name' | 'device'>;

export interface BackendChoice {
  name: BackendName;
  /** Device name: "NVIDIA Ada Lovelace", "SwiftShader (software)", "2 threads, SIMD". */
  device: string;
  /** Of WebAssembly: how many threads compute a step, and why, as a sentence (may be empty). */
  threads?: { count: number; why: string };
  /** What it does not offer, each with why, as a sentence. */
  lacks: Partial<Record<DeviceFeature, string>>;
  /** Why this backend was chosen, as a sentence. */
  reason: string;
  forced: boolean;
  /** Backends that were tried before, each with the reason why it was not chosen. */
  rejected: { name: BackendName; why: string }[];
}
