import type { ExportPort } from '../../src/app/ports';
import type { ExportProtocol } from '../../src/worker/export-protocol';
import type { CallOptions } from '../../src/worker/rpc';

type Calls = ExportProtocol['calls'];

/** Files without content; a model called "broken" cannot be written. */
export class FakeExports implements ExportPort {
  async call<N extends keyof Calls>(
    _name: N,
    { name }: Calls[N]['takes'],
    { onProgress = () => undefined }: CallOptions<never> = {},
  ): Promise<Calls[N]['gives']> {
    for (let share = 0; share < 1; share += 0.25) {
      onProgress('Packing images', share);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (name.startsWith('broken')) throw new Error('This teacher is several networks in one.');
    return { name: `${name}.bin`, blob: new Blob([]) };
  }

  tell(): void {
    // It takes no commands.
  }

  dispose(): void {
    // Nothing is held.
  }
}
