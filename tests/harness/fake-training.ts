import type { TrainingPort } from '../../src/app/ports';
import type { TrainingCommand, TrainingMessage } from '../../src/worker/protocol';
import { factsOf, FakeRun } from './fake-run';

/** Plausible runs without any training. The learning rate 0.5 and above diverges; a title "crash" ends in a crash. */
export class FakeTraining implements TrainingPort {
  private run: FakeRun | null = null;
  constructor(private readonly listener: (message: TrainingMessage) => void) {}

  send(command: TrainingCommand): void {
    setTimeout(() => this.handle(command), 5);
  }
  dispose(): void {
    this.run?.stop();
  }

  private handle(command: TrainingCommand): void {
    switch (command.type) {
      case 'backend':
        this.listener({
          type: 'backend',
          choice: {
            name: command.forced ?? 'wasm',
            device: '2 threads, SIMD',
            reason: command.forced
              ? 'You asked for it.'
              : 'The best that works here: WebGPU has only a software adapter.',
            forced: command.forced !== null,
            rejected: [
              { name: 'webgpu', why: 'The adapter is SwiftShader, which is slower than WebAssembly.' },
            ],
          },
        });
        return;
      case 'inspect':
        setTimeout(
          () => this.listener({ type: 'facts', request: command.request, facts: factsOf(command.recipe) }),
          60,
        );
        return;
      case 'start':
        this.run = new FakeRun(command.run, command.recipe, this.listener);
        return;
      case 'weights':
        this.listener({
          type: 'weights',
          run: command.run,
          learner: command.learner,
          safetensors: new Uint8Array(64),
        });
        return;
      case 'handOver':
        this.listener({ type: 'handOver', run: command.run, handOver: null });
        return;
      case 'continue':
      case 'keep':
      case 'bring':
      case 'recall':
        return;
      case 'turn':
        this.run?.turn(command.path, command.value);
        return;
      case 'step':
        this.run?.advance();
        return;
      default:
        this.run?.[command.type]();
    }
  }
}
