import type { ExportPort, ExportRequest } from '../../src/app/ports';
import type { ExportedFile } from '../../src/export/files';

/** Files without content; a model called "broken" cannot be written. */
export class FakeExports implements ExportPort {
  async make(
    command: ExportRequest,
    onProgress: (text: string, share: number) => void = () => undefined,
  ): Promise<ExportedFile> {
    for (let share = 0; share < 1; share += 0.25) {
      onProgress('Packing images', share);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (command.name.startsWith('broken')) throw new Error('This teacher is several networks in one.');
    return { name: `${command.name}.bin`, blob: new Blob([]) };
  }

  dispose(): void {
    // Nothing is held.
  }
}
