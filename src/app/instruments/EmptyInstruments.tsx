import type { TaskId } from '../../data/dataset';
import { taskAboutOf } from '../../distill/tasks/about';
import { instanceWords } from '../subject/instance-words';
import { primaryScore } from '../subject/score-format';
import { taskWords } from '../subject/task-words';
import { Explained } from '../glossary/Explained';
import { useTouch } from '../shell/use-touch';
import { useRecipe, useRuns } from '../store/hooks';
import { Empty } from './Empty';
import { lossFrame, scoreFrame, weightFrame } from './frames';
import classes from './instruments.module.css';
import { Panel } from './Panel';
import { Plot } from './plot/Plot';
import type { Scale } from './plot/scale';

const shares: Scale = { kind: 'linear', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] };
const losses: Scale = { kind: 'linear', domain: [0, 3], ticks: [0, 1, 2, 3] };
const weights: Scale = { kind: 'linear', domain: [0, 2], ticks: [0, 0.5, 1, 1.5, 2] };
const nothing = { rows: [], lines: [], readAt: () => ({}) };

/** What stands under the map of the tracked samples. */
const viewsOf: Readonly<Record<TaskId, string>> = {
  classification: 'loss or weight against confidence, per-class accuracy and confusion matrices',
  regression: 'loss or weight against the error, answers and residuals against the true values',
  multilabel: 'loss or weight against confidence, and the scores of each label',
};

/** Before the first run: what will be here, and how to make it appear. */
export function EmptyInstruments() {
  const touch = useTouch();
  const steps = useRecipe((state) => state.recipe.schedule.steps);
  const facts = useRuns((state) => state.facts);
  const score = primaryScore(facts);
  const { loss, id } = taskAboutOf(facts);
  const axis: [number, number] = [0, steps];
  return (
    <div className={classes.instruments}>
      <div className={classes.toolbar}>
        <h2>Curves</h2>
      </div>
      <Panel wide empty title={score.heading} term={score.term}>
        <Plot
          {...scoreFrame(score)}
          {...nothing}
          scale={score.isShare ? shares : losses}
          steps={axis}
          empty={`${score.heading} of the student, of the baseline (no teacher), and of the teacher. Press Start${touch ? '' : ', or the space bar'}.`}
        />
      </Panel>
      <Panel empty title="Loss components">
        <Plot
          {...lossFrame}
          {...nothing}
          scale={losses}
          steps={axis}
          empty={`${loss.title} on the ${taskWords[id].ofLoss} and each distillation loss (hint), as separate lines.`}
        />
      </Panel>
      <Panel empty title="Hint weights" term="hintWeight">
        <Plot
          {...weightFrame}
          {...nothing}
          scale={weights}
          steps={axis}
          empty="The weight of each loss, per instance. Choose HKD to see the weights change."
        />
      </Panel>
      <div className={classes.toolbar}>
        <h2>
          <Explained term="trackedSamples">Tracked samples</Explained>
        </h2>
      </div>
      <Panel wide empty title="Per instance">
        <Empty>
          About 128 training {instanceWords(facts).many} are measured throughout the run: a map of their
          losses and weights over time, the lowest and highest, {viewsOf[id]}.
        </Empty>
      </Panel>
    </div>
  );
}
