import { speakers } from '../../distill/teachers/specialists/speakers';
import type { Joining } from '../../distill/teachers/specialists/unified';
import type { View } from '../../distill/views';
import { tf, type Tensor4D } from '../../engine/tf';
import { predictions, softmax } from '../../nn/classification-metrics';
import type { Network, Trace } from '../../nn/network';
import { liveSet, logitsOn } from './answers';
import type { Teacher, TeacherSetup, TeacherState } from './teacher';

/** The unified ensemble, frozen, with what its branches say each. */
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

  trace(images: Tensor4D): Trace {
    return this.networks[0].forward(images, { training: false });
  }

  async views(images: Tensor4D): Promise<View[]> {
    this.shown ??= await this.pictures(images);
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

  private async pictures(images: Tensor4D): Promise<View[]> {
    const { sets, classes, other } = this.joining;
    const shown = tf.tidy(() => {
      const { logits, more } = this.trace(images);
      return [logits, ...sets.map((_, b) => more![`branch${b}`]!)].map((tensor) => tensor.clone());
    });
    const [scores, ...heads] = await Promise.all(shown.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(shown);
    const names = sets.map((_, b) => `Specialist ${b + 1}`);
    const covers = sets.map((set) => [...set]);
    const alone = heads.map((head, b) => spread(head, sets[b]!, other[b]!, classes));
    const common = { view: 'answers', names, classes, covers } as const;
    return [
      {
        ...common,
        title: 'Specialists',
        line: 'What each branch would answer if only its own classes existed. Off its classes it must be wrong.',
        probabilities: alone,
        accuracy: await this.accuracies(),
      },
      {
        ...common,
        title: 'Who speaks for which class',
        line: 'The target of the student, each class divided among the specialists that know it by how loudly they argue for it.',
        probabilities: speakers(softmax(scores!, classes), heads, this.joining),
        accuracy: names.map(() => null),
      },
    ];
  }

  /** Per branch: how often its best class is right on images of its own classes; with “none of mine”, how often it says so. */
  private async accuracies(): Promise<({ own: number; others: number | null } | null)[]> {
    const { setting, normalisation } = this.setup;
    const { sets, classes, other } = this.joining;
    const live = liveSet(setting);
    const marks: ({ own: number; others: number | null } | null)[] = [];
    for (const [b, set] of sets.entries()) {
      const outputs = set.length + (other[b] === 'none' ? 0 : 1);
      // Padded to the width that evaluation reads, with what is never the largest.
      const logits = await logitsOn(
        live,
        (images) =>
          tf.pad(
            this.trace(images).more![`branch${b}`]!,
            [
              [0, 0],
              [0, Math.max(0, classes - outputs)],
            ],
            -1e9,
          ),
        { ...setting, outputs: Math.max(classes, outputs) },
        normalisation,
      );
      const answered = predictions(logits, Math.max(classes, outputs));
      const own = { right: 0, of: 0 };
      const others = { right: 0, of: 0 };
      live.labels.forEach((label, i) => {
        const place = set.indexOf(label);
        const side = place >= 0 ? own : others;
        side.of++;
        if (answered[i] === (place >= 0 ? place : set.length)) side.right++;
      });
      marks.push({
        own: own.of > 0 ? own.right / own.of : 0,
        others: other[b] === 'none' || others.of === 0 ? null : others.right / others.of,
      });
    }
    return marks;
  }
}

/** Softmax over a branch's own classes, written into all classes with zeros elsewhere: [N*C]. */
function spread(
  head: Float32Array,
  set: readonly number[],
  other: Joining['other'][number],
  classes: number,
): number[] {
  const outputs = set.length + (other === 'none' ? 0 : 1);
  const own = softmax(head, outputs);
  const all = new Array<number>((head.length / outputs) * classes).fill(0);
  for (let row = 0; row < head.length / outputs; row++)
    set.forEach((c, k) => (all[row * classes + c] = own[row * outputs + k]!));
  return all;
}
