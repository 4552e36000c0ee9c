/** The team of threads that computes on WebAssembly, if there is one. */
import { kernelNames, moduleOf, sharesMemory, wasmBackend, type WasmBackend } from '../launch';
import { Team, type TeamOptions } from './team';

let current: { backend: WasmBackend; team: Team } | null = null;

/** Null where one thread computes alone. */
export function teamOf(backend: WasmBackend): Team | null {
  return current?.backend === backend && current.team.closed === null ? current.team : null;
}

/**
 * Starts helpers for the active backend, which must be wasm. Steps that are recorded from now on use them.
 * @throws Error with a sentence when they cannot be started; steps are computed by one thread then
 */
export async function startTeam(options: TeamOptions): Promise<void> {
  const { threads } = options;
  const backend = wasmBackend();
  if (teamOf(backend)?.threads === threads) return;
  endTeam();
  if (threads < 2) return;
  if (!sharesMemory(backend)) throw new Error('The memory of WebAssembly cannot be shared here.');
  const order = { module: moduleOf(backend), kernels: kernelNames(backend) };
  current = { backend, team: await Team.start(backend, order, options) };
}

/** Ends the helpers, whichever backend is active. Recorded steps go on with one thread. */
export function endTeam(): void {
  current?.team.close('The helper threads were ended.');
  current = null;
}
