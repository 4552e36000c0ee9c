/** The team of threads of each backend, if it has one. */
import { kernelNames, moduleOf, sharesMemory, wasmBackend, type WasmBackend } from '../launch';
import { Team, type TeamOptions } from './team';

const teams = new WeakMap<WasmBackend, Team>();

/** Null where one thread computes alone. */
export function teamOf(backend: WasmBackend): Team | null {
  const team = teams.get(backend);
  return team && team.closed === null ? team : null;
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
  teams.set(backend, await Team.start(backend, order, options));
}

/** Ends the helpers of the active backend. */
export function endTeam(): void {
  const backend = wasmBackend();
  teams.get(backend)?.close('The helper threads were ended.');
  teams.delete(backend);
}
