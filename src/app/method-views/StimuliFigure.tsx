import type { StimuliView } from '../../distill/views';
import type { RunRecord } from '../../record/run-record';
import { ImageTile } from '../data/ImageTile';
import { count, figure, percent } from '../format';
import { className } from '../inspector/describe-sample';
import { Panel } from '../instruments/Panel';
import classes from './stimuli.module.css';

const most = 12;

/** Some stimuli with the teacher's two top classes, and which classes it sees in all of them. */
export default function StimuliFigure({
  history,
  view,
  when,
}: {
  history: RunRecord;
  view: StimuliView;
  when: string;
}) {
  const { histogram, probabilities, height, width, channels } = view;
  const size = histogram.length;
  const shown = probabilities.length / size;
  const largest = Math.max(...histogram);
  const labels = histogram
    .map((_, label) => label)
    .sort((a, b) => histogram[b]! - histogram[a]!)
    .slice(0, most)
    .sort((a, b) => a - b);
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>
        {count(view.count)} pictures that belong to no class, each with the two classes that the teacher finds
        most probable. It sees {figure(view.effectiveClasses)} effective classes of {size} in them (so many
        that come equally often); its answers have a mean entropy of {figure(view.entropy)} nats, and a
        picture tells {figure(view.information)} nats about its class. The more of both, the more the stimuli
        can teach.
      </p>
      <ul className={classes.grid}>
        {Array.from({ length: shown }, (_, i) => (
          <li key={i}>
            <ImageTile stack={{ pixels: view.pixels, height, width, channels }} at={i} size={44} />
            {topTwo(probabilities.subarray(i * size, (i + 1) * size)).map((label) => (
              <span key={label}>
                <b>{className(history, label)}</b> {percent(probabilities[i * size + label]!, 0)}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <table className={classes.histogram}>
        <caption>The teacher’s top class over all stimuli</caption>
        <tbody>
          {labels.map((label) => (
            <tr key={label}>
              <th scope="row">{className(history, label)}</th>
              <td>
                <i style={{ width: `${(100 * histogram[label]!) / largest}%` }} />
              </td>
              <td>{percent(histogram[label]!, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** The two most probable classes, the first one first. */
function topTwo(probabilities: Float32Array): number[] {
  return Array.from(probabilities.keys())
    .sort((a, b) => probabilities[b]! - probabilities[a]!)
    .slice(0, 2);
}
