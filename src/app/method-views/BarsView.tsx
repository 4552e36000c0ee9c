import type { MethodViewPanel } from '../../distill/views';
import { figure, percent } from '../format';
import { pictureStyle } from '../instruments/sprite';
import { className, describeSample } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import { useView } from '../store/hooks';
import { inkOf, learnerStyles } from '../theme/learner-styles';
import { distanceOf, meanDistance, type Distance } from './distances';
import classes from './method-views.module.css';

/** More classes than this are cut to the largest. */
const most = 12;

/** Two distributions over the classes for the inspected sample, and how far apart they are. */
export function BarsView({
  history,
  label,
  panels,
}: {
  history: RunRecord;
  label: string;
  panels: MethodViewPanel[];
}) {
  const selected = useView((state) => state.selected);
  const total = panels[0]!.shape[0]!;
  const size = panels[0]!.shape[1]!;
  const row = selected !== null && selected < total ? selected : 0;
  const share = (panel: MethodViewPanel, label: number) => panel.values[row * size + label]!;
  const largest = (label: number) => Math.max(...panels.map((panel) => share(panel, label)));
  const all = Array.from({ length: size }, (_, label) => label);
  const shown = size <= most ? all : [...all].sort((a, b) => largest(b) - largest(a)).slice(0, most);
  return (
    <div className={classes.bars}>
      <div className={classes.barsHead}>
        {history.tracked && (
          <span className={classes.picture} style={pictureStyle(history.tracked, row, 44)} />
        )}
        <div>
          <b>{label}</b>
          <p>{describeSample(history, row)}</p>
          {panels.length === 2 && (
            <p>
              Here: {distanceText(distanceOf(panels, row))}. On average over the tracked samples:{' '}
              {distanceText(meanDistance(panels))}.
            </p>
          )}
        </div>
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">Class</th>
            {panels.map((panel) => (
              <th
                key={panel.who}
                scope="col"
                style={{
                  color: panel.who && panel.who !== 'difference' ? inkOf(panel.who) : 'inherit',
                }}
              >
                {sideOf(history, panel)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((label) => (
            <tr key={label} data-true={history.tracked?.images[row]?.trueLabel === label || undefined}>
              <th scope="row">{className(history, label)}</th>
              {panels.map((panel) => (
                <td key={panel.who}>
                  <i
                    style={{
                      width: percentWidth(share(panel, label)),
                      background:
                        panel.who && panel.who !== 'difference'
                          ? learnerStyles[panel.who].colour
                          : 'var(--ink-2)',
                    }}
                  />
                  <span>{shareText(share(panel, label))}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Teacher or student; "Target" where the recipe has no teacher and the target is computed. */
function sideOf(history: RunRecord, { who }: MethodViewPanel): string {
  if (who === null || who === 'difference') return 'Value';
  return who === 'teacher' && history.recipe.teacher.kind === 'none' ? 'Target' : learnerStyles[who].label;
}

function shareText(share: number): string {
  return share > 0 && share < 0.0005 ? `<${percent(0.001)}` : percent(share);
}

/** Bars of all images and moments have one scale: the whole width is a probability of 1. */
const percentWidth = (share: number) => `${(100 * share).toFixed(1)}%`;

function distanceText({ variation, divergence }: Distance): string {
  return `total variation distance ${percent(variation, 0)}, KL ${figure(divergence)}`;
}
