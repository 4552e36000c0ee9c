import type { TrainingPort } from '../../src/app/ports';
import type { BackendChoice, BackendName } from '../../src/engine/backend-names';
import type { CallContext, Handlers } from '../../src/worker/rpc';
import type { TrainingCommand, TrainingEvent, TrainingProtocol } from '../../src/worker/training-protocol';
import { factsOf, FakeRun } from './fake-run';

type Calls = TrainingProtocol['calls'];

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Plausible runs without any training. The learning rate 0.5 and above diverges; a title "crash" ends in a crash. */
export class FakeTraining implements TrainingPort {
  private run: FakeRun | null = null;
  constructor(private readonly listener: (event: TrainingEvent) => void) {}

  private readonly handlers: Handlers<TrainingProtocol> = {
    backend: ({ forced }) => {
      const choice = choiceOf(forced);
      this.listener({ type: 'backend', choice });
      return choice;
    },
    start: ({ run, recipe }) => void (this.run = new FakeRun(run, recipe, this.listener)),
    continue: () => undefined,
    weights: () => new Uint8Array(64),
    handOver: () => null,
    bring: () => Promise.reject(new Error('No file teaches here.')),
    bringBack: () => undefined,
    recall: () => null,
    inspect: async ({ recipe }) => {
      await wait(60);
      return factsOf(recipe);
    },
  };

  async call<N extends keyof Calls>(name: N, input: Calls[N]['takes']): Promise<Calls[N]['gives']> {
    await wait(5);
    const context: CallContext<never> = {
      progress: () => undefined,
      signal: new AbortController().signal,
      gathered: null,
      transfer: () => undefined,
    };
    return this.handlers[name](input, context);
  }

  tell(command: TrainingCommand): void {
    setTimeout(() => this.obey(command), 5);
  }

  dispose(): void {
    this.run?.stop();
  }

  private obey(command: TrainingCommand): void {
    switch (command.type) {
      case 'keep':
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

function choiceOf(forced: BackendName | null): BackendChoice {
  return {
    name: forced ?? 'wasm',
    device: '2 threads, SIMD',
    reason: forced ? 'You asked for it.' : 'The best that works here: WebGPU has only a software adapter.',
    forced: forced !== null,
    rejected: [{ name: 'webgpu', why: 'The adapter is SwiftShader, which is slower than WebAssembly.' }],
  };
}
