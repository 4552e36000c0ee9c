/** Chooses the best backend that works here, loads it and gives the reason. */
import { backendTitles, wasmDevice, type BackendChoice, type BackendName } from './backend-names';
import { whyNoHalfMaps } from './half-maps';
import { selfTest } from './self-test';
import { tf } from './tf';
import { renewSpoiltMemory, throwWhenFull } from './wasm/full-memory';
import { loadWebgpu } from './webgpu';
import type { StartHelper } from './wasm/threads/team';
import { endTeam, startTeam } from './wasm/threads/teams';
import { sentenceOf } from '../limits/texts';

/** How many threads WebAssembly is to have: helpers can only be had from outside, because the engine knows no worker's file. */
export interface ThreadPlan {
  /** In all, the present one among them. */
  threads: number;
  /** Why so many, as a sentence. */
  why: string;
  start: StartHelper;
  /** Told with a sentence when helpers have ended by themselves; from then on there is one thread. */
  onClosed: (why: string) => void;
}

const alone: ThreadPlan = {
  threads: 1,
  why: '',
  start: () => Promise.reject(new Error('There are no helper threads here.')),
  onClosed: () => undefined,
};

/** Best first. */
const order: readonly BackendName[] = ['webgpu', 'wasm', 'webgl', 'cpu'];

/**
 * Loads the code of a backend and returns its device. `wanted` is true when the user asked for this backend, which
 * then also accepts software adapters. Loaded on demand, so that backends which are not used are not downloaded.
 * @throws Error with a sentence when it cannot be used here
 */
const loaders: Record<BackendName, (wanted: boolean, plan: ThreadPlan) => Promise<string>> = {
  webgpu: loadWebgpu,
  wasm: async (_wanted, { threads }) => {
    if (typeof WebAssembly !== 'object') throw new Error('This browser has no WebAssembly.');
    const { loadWasm, shareMemory } = await import('./wasm');
    loadWasm();
    renewSpoiltMemory();
    // Where it cannot be shared, the helpers will say so.
    if (threads > 1) await shareMemory().catch(() => undefined);
    return wasmDevice(1);
  },
  webgl: async () => {
    const renderer = webglRenderer();
    await import('./webgl-backend');
    return renderer;
  },
  cpu: async () => {
    await import('./cpu-backend');
    return '1 thread, no SIMD';
  },
};

/**
 * Chooses and starts a backend: the first of WebGPU (on a real graphics card), WebAssembly, WebGL and plain
 * JavaScript that starts and passes the self-test. A forced backend is tried first, on any device; if it fails, the
 * usual order follows and the result says so.
 * @throws Error when not even plain JavaScript works
 */
export async function chooseBackend(
  forced: BackendName | null,
  plan: ThreadPlan = alone,
): Promise<BackendChoice> {
  const rejected: BackendChoice['rejected'] = [];
  const candidates = forced ? [forced, ...order.filter((name) => name !== forced)] : order;
  for (const name of candidates) {
    try {
      const device = await loaders[name](name === forced, plan);
      if (!(await tf.setBackend(name))) throw new Error(`${backendTitles[name]} could not be started.`);
      if (name === 'wasm') throwWhenFull();
      await selfTest(name);
      const reason = reasonFor(name, forced, rejected);
      const why = whyNoHalfMaps();
      const lacks = why ? { 'shader-f16': why } : {};
      const choice = { name, device, lacks, reason, forced: name === forced, rejected };
      if (name === 'wasm') return { ...choice, ...(await startThreads(plan)) };
      endTeam();
      return choice;
    } catch (error) {
      rejected.push({ name, why: sentenceOf(error) });
    }
  }
  throw new Error(`No backend works in this browser. ${rejected.map(({ why }) => why).join(' ')}`);
}

/** Starts the helpers, or says why there are none. */
async function startThreads(plan: ThreadPlan): Promise<Pick<BackendChoice, 'device' | 'threads'>> {
  const facts = (count: number, why: string) => ({ device: wasmDevice(count), threads: { count, why } });
  try {
    await startTeam(plan);
    return facts(plan.threads, plan.why);
  } catch (error) {
    return facts(1, `One thread: ${sentenceOf(error)}`);
  }
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
