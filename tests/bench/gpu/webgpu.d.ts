/**
 * The used part of the npm package `webgpu` (Dawn for Node), which is installed for this benchmark only and is no
 * dependency.
 */
declare module 'webgpu' {
  /** @param flags of Dawn, each `name=value`, such as `backend=vulkan` or `adapter=NVIDIA` */
  export function create(flags: string[]): GPU;
  /** `GPUBufferUsage` and the like, which a browser has as globals. */
  export const globals: Record<string, unknown>;
}
