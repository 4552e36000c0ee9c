import type { RunRecord } from '../../record/run-record';
import { count } from '../format';
import { shownValue } from '../../distill/knobs';
import { KnobField } from '../recipe/KnobField';
import { useSetShape } from '../recipe/data-kind';
import { liveKnobs } from '../recipe/live-knobs';
import { useRunValue } from '../redraw/use-redraw';
import { useLibrary, useRecipe } from '../store/hooks';
import classes from './live-strip.module.css';

/** The live knobs of the run in progress, above its curves, each with its last change. */
export function LiveStrip({ history }: { history: RunRecord }) {
  const recipe = useRecipe((state) => state.recipe);
  const isOn = useLibrary((state) => state.active === history.id);
  const set = useSetShape();
  useRunValue(() => history.marks.length);
  if (!isOn) return null;
  return (
    <section className={classes.strip} aria-label="Live knobs">
      {liveKnobs(recipe, set).map(({ path, knob, label, standsFor }) => {
        const last = history.marks.findLast((mark) => mark.path === path);
        return (
          <div key={path} className={classes.knob}>
            <KnobField knob={knob} path={path} label={label} compact standsFor={standsFor} />
            <small>
              {last
                ? `${shownValue(knob, last.from)} → ${shownValue(knob, last.to)} at step ${count(last.step)}`
                : ' '}
            </small>
          </div>
        );
      })}
    </section>
  );
}
