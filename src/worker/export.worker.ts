/** The export worker: thin; each kind of export is fetched when it is first asked for. Holds no TensorFlow.js. */
import type { ExportedFile } from '../export/files';
import type { ExportCommand, ExportMessage } from './export-protocol';

addEventListener('message', ({ data }: MessageEvent<ExportCommand>) => void answer(data));

async function answer(command: ExportCommand): Promise<void> {
  const { request } = command;
  try {
    send({ type: 'file', request, file: await fileOf(command) });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    send({ type: 'problem', request, problem });
  }
}

async function fileOf(command: ExportCommand): Promise<ExportedFile> {
  switch (command.type) {
    case 'model': {
      const { modelFile } = await import('../export/model-file');
      const { format, safetensors, options, name } = command;
      return modelFile(format, safetensors, command, options, name);
    }
    case 'pytorch': {
      const { pytorchZip } = await import('../export/pytorch/pack');
      const { handOver, request, ...rest } = command;
      let told = -Infinity;
      const onProgress = (text: string, share: number) => {
        if (performance.now() - told < 100) return;
        told = performance.now();
        send({ type: 'progress', request, text, share });
      };
      return pytorchZip(handOver, { ...rest, onProgress });
    }
  }
}

function send(message: ExportMessage): void {
  postMessage(message);
}
