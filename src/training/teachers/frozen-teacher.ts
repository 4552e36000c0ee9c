/** A teacher of one frozen network. */
import type { Tensor } from '../../engine/tf';
import { type Network, type Trace } from '../../nn/network';
import type { Teacher, TeacherState } from './teacher';

export class FrozenTeacher implements Teacher {
  readonly networks: readonly [Network];
  readonly version = 0;
  readonly featuresOnly: boolean;

  /** Owns the network. @param featuresOnly see `TeacherPlan` */
  constructor(network: Network, featuresOnly = false) {
    this.networks = [network];
    this.featuresOnly = featuresOnly;
  }

  get outputs(): number {
    return this.networks[0].outputs;
  }

  trace(images: Tensor): Trace {
    return this.networks[0].forward(images, { training: false });
  }

  async state(): Promise<TeacherState> {
    return { networks: [await this.networks[0].module.exportState()] };
  }

  dispose(): void {
    this.networks[0].dispose();
  }
}
