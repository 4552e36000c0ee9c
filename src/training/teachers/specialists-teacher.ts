import { attribution } from '../../distill/teachers/specialists/attribution';
import type { Joining } from '../../distill/teachers/specialists/unified';
import type { PredictionsView, View } from '../../distill/views';
import { tf, type Tensor } from '../../engine/tf';
import { softmax } from '../../nn/classification-metrics';
import type { Network, Trace } from '../../nn/network';
import { comparePredictions } from './compare-predictions';
import type { Teacher, TeacherSetup, TeacherState } from './teacher';

/** The unified ensemble of specialists, frozen, with the predictions of each branch. */
export class SpecialistsTeacher implements Teacher {
  readonly networks: readonly [Network];
  readonly version = 0;
  private readonly joining: Joining;
  private readonly setup: TeacherSetup;
  private shown: View[] | null = null;

  /** Owns the network. */
  constructor(network: Network, joining: Joining, setup: TeacherSetup) {
    this.networks = [network];
    this.joining = joining;
    this.setup = setup;
  }

  get outputs(): number {
    return this.joining.classes;
  }

  trace(images: Tensor): Trace {
    return this.networks[0].forward(images, { training: false });
  }

  async views(images: Tensor): Promise<View[]> {
    this.shown ??= await this.compare(images);
    return this.shown;
  }

  async state(): Promise<TeacherState> {
    return {
      networks: [await this.networks[0].module.exportState()],
      more: { sets: this.joining.sets },
    };
  }

  dispose(): void {
    this.networks[0].dispose();
  }

  private async compare(images: Tensor): Promise<View[]> {
    const { sets, other } = this.joining;
    const branches = sets.map((classes, b) => ({
      name: `Specialist ${b + 1}`,
      logits: (batch: Tensor) => this.trace(batch).more![`branch${b}`]!,
      knows: { classes, hasNone: other[b] !== 'none' },
    }));
    const about = {
      title: 'Specialists',
      line: 'What each branch would answer if only its own classes existed. Off its classes it must be wrong.',
    };
    const alone = await comparePredictions(about, branches, images, this.setup);
    return [alone, await this.attribution(images, alone)];
  }

  /** The target of the student, divided among the branches. */
  private async attribution(
    images: Tensor,
    { names, classes, covers }: PredictionsView,
  ): Promise<PredictionsView> {
    const tensors = tf.tidy(() => {
      const { logits, more } = this.trace(images);
      return [logits, ...names.map((_, b) => more![`branch${b}`]!)].map((tensor) => tensor.clone());
    });
    const [logits, ...branches] = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(tensors);
    return {
      view: 'answers',
      title: 'Who speaks for which class',
      line: 'The target of the student, each class divided among the specialists that know it by how loudly they argue for it.',
      names,
      classes,
      covers,
      probabilities: attribution(softmax(logits!, classes), branches, this.joining),
      accuracy: names.map(() => null),
    };
  }
}
