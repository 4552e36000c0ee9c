/** What is used of the npm package `webgpu` (Dawn for Node), which is no dependency: it is installed for this benchmark only. */
declare module 'webgpu' {
  /** @param flags of Dawn, each `name=value`, such as `backend=vulkan` or `adapter=NVIDIA` */
  export function create(flags: string[]): GPU;
  /** `GPUBufferUsage` and the like, which a browser has as globals. */
  export const globals: Record<string, unknown>;
}
