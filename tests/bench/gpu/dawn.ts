/** Installs Dawn as the WebGPU of the engine and TensorFlow.js. */
import { create, globals } from 'webgpu';

/**
 * Defines `navigator.gpu` and the globals of WebGPU; before the engine is loaded.
 * @param flags of Dawn, each `name=value`
 * @returns what the adapter says of itself
 * @throws Error with a sentence when no graphics driver is found
 */
export async function installDawn(flags: string[]): Promise<AdapterFacts> {
  Object.assign(globalThis, globals);
  const gpu = create(flags);
  // Node has no navigator before version 21; later ones have one of their own, which stays as it is otherwise.
  const navigator = (globalThis.navigator as Navigator | undefined) ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Error(
      'Dawn finds no graphics card. On Linux it needs libvulkan.so.1 and the Vulkan driver of the card.',
    );
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const half = adapter.features.has('shader-f16');
  return { vendor, architecture, device, driver: description, isSoftware: isFallbackAdapter, half };
}

/** How Dawn names the card and its driver. */
export interface AdapterFacts {
  vendor: string;
  architecture: string;
  device: string;
  driver: string;
  isSoftware: boolean;
  /** Whether its shaders know numbers of 16 bits. */
  half: boolean;
}
