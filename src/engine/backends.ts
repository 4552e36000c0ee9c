/** Chooses the best backend that works here, loads it and gives the reason. */
import { backendTitles, type BackendChoice, type BackendName } from './backend-names';
import { selfTest } from './self-test';
import { tf } from './tf';
import { loadWebgpu } from './webgpu';
import { sentenceOf } from '../limits/texts';

/** Best first. */
const order: readonly BackendName[] = ['webgpu', 'wasm', 'webgl', 'cpu'];

/**
 * Loads the code of a backend and returns its device. `wanted` is true when the user asked for this backend, which
 * then also accepts software adapters. Loaded on demand, so that backends which are not used are not downloaded.
 * @throws Error with a sentence when it cannot be used here
 */
const loaders: Record<BackendName, (wanted: boolean) => Promise<string>> = {
  webgpu: loadWebgpu,
  wasm: async () => {
    if (typeof WebAssembly !== 'object') throw new Error('This browser has no WebAssembly.');
    const { loadWasm } = await import('./wasm');
    loadWasm();
    return '1 thread, SIMD';
  },
  webgl: async () => {
    const renderer = webglRenderer();
    await import('@tensorflow/tfjs-backend-webgl');
    return renderer;
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    return '1 thread, no SIMD';
  },
};

/**
 * Chooses and starts a backend: the first of WebGPU (on a real graphics card), WebAssembly, WebGL and plain
 * JavaScript that starts and passes the self-test. A forced backend is tried first, on any device; if it fails, the
 * usual order follows and the result says so.
 * @throws Error when not even plain JavaScript works
 */
export async function chooseBackend(forced: BackendName | null): Promise<BackendChoice> {
  const rejected: BackendChoice['rejected'] = [];
  const candidates = forced ? [forced, ...order.filter((name) => name !== forced)] : order;
  for (const name of candidates) {
    try {
      const device = await loaders[name](name === forced);
      if (!(await tf.setBackend(name))) throw new Error(`${backendTitles[name]} could not be started.`);
      await selfTest(name);
      return { name, device, reason: reasonFor(name, forced, rejected), forced: name === forced, rejected };
    } catch (error) {
      rejected.push({ name, why: sentenceOf(error) });
    }
  }
  throw new Error(`No backend works in this browser. ${rejected.map(({ why }) => why).join(' ')}`);
}

function webglRenderer(): string {
  const gl = typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) throw new Error('This browser has no WebGL 2.');
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'unnamed graphics card';
}

function reasonFor(
  name: BackendName,
  forced: BackendName | null,
  rejected: BackendChoice['rejected'],
): string {
  if (name === forced) return `${backendTitles[name]} was chosen by hand.`;
  const before = rejected.map(({ why }) => why).join(' ');
  if (name === 'webgpu' && !before) return 'WebGPU is the fastest backend and a graphics card is there.';
  return `${backendTitles[name]} is the next best. ${before}`;
}
