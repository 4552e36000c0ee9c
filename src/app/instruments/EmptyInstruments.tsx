import { useApp } from '../store/context';
import classes from './instruments.module.css';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import type { Scale } from './plot/scale';
import { percent } from '../format';

const shares: Scale = { kind: 'linear', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] };
const losses: Scale = { kind: 'linear', domain: [0, 3], ticks: [0, 1, 2, 3] };
const weights: Scale = { kind: 'linear', domain: [0, 2], ticks: [0, 0.5, 1, 1.5, 2] };
const nothing = { rows: [], lines: [], readAt: () => ({}) };
const wholePercent = (share: number) => percent(share, 0);

/** Before the first run: what will be here, and how to make it appear. */
export function EmptyInstruments() {
  const steps = useApp((state) => state.recipe.schedule.steps);
  const axis: [number, number] = [0, steps];
  return (
    <div className={classes.instruments}>
      <div className={classes.toolbar}>
        <h2>Curves</h2>
      </div>
      <Panel wide title="Accuracy">
        <Plot
          {...nothing}
          title="Accuracy, empty"
          scale={shares}
          steps={axis}
          format={wholePercent}
          formatTick={wholePercent}
          unit="of images right"
          height={264}
          empty="Accuracy of the student, of a control without a teacher, and of the teacher. Press Start, or the space bar."
        />
      </Panel>
      <Panel title="Loss, in parts">
        <Plot
          {...nothing}
          title="Loss, empty"
          scale={losses}
          steps={axis}
          format={String}
          unit="mean loss of a batch"
          height={230}
          compact
          empty="What the labels ask and what each hint asks, as separate lines."
        />
      </Panel>
      <Panel title="Hint weights">
        <Plot
          {...nothing}
          title="Hint weights, empty"
          scale={weights}
          steps={axis}
          format={String}
          unit="weight"
          height={230}
          compact
          empty="How strongly each hint pulls, image by image. Choose HKD to see the weights move."
        />
      </Panel>
      <div className={classes.toolbar}>
        <h2>Watched images</h2>
      </div>
      <Panel wide title="Image by image">
        <div className={classes.emptyPanel}>
          About 128 images are followed through the whole run: a map of their losses and weights over time,
          the pictures at both ends, confidence, and confusions.
        </div>
      </Panel>
    </div>
  );
}
