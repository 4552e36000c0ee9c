import type { PredictionsView } from '../../distill/views';
import { percent } from '../format';
import { Panel } from '../instruments/Panel';
import { pictureStyle } from '../instruments/sprite';
import { className, describeSample } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import { useView } from '../store/hooks';
import { primaryScore, type ScoreFormat } from '../subject/score-format';
import { inkOf, learnerStyles } from '../theme/learner-styles';
import classes from './method-views.module.css';

/** More classes than this are cut to those that anybody gives a share. */
const most = 12;

/** Several predictions for the inspected sample, class by class, and how far they agree on the tracked samples. */
export function PredictionsFigure({
  history,
  view,
  when,
}: {
  history: RunRecord;
  view: PredictionsView;
  when: string;
}) {
  const selected = useView((state) => state.selected);
  const images = history.tracked?.images ?? [];
  const row = selected !== null && selected < images.length ? selected : 0;
  const share = (who: number, label: number) => view.probabilities[who]![row * view.classes + label] ?? 0;
  const all = Array.from({ length: view.classes }, (_, label) => label);
  const largest = (label: number) => Math.max(...view.names.map((_, who) => share(who, label)));
  const shown =
    view.classes <= most
      ? all
      : [...all]
          .sort((a, b) => largest(b) - largest(a))
          .slice(0, most)
          .sort((a, b) => a - b);
  const score = primaryScore(history.facts);
  const measured = view.accuracy.some((entry) => entry !== null);
  const divided = view.covers.some((classes) => classes !== null);
  const student = history.snapshots.latest?.probabilities['student'];
  const offOwn = view.accuracy.some((entry) => typeof entry?.others === 'number');
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>{view.line}</p>
      <div className={classes.answers}>
        <div className={classes.barsHead}>
          {history.tracked && (
            <span className={classes.picture} style={pictureStyle(history.tracked, row, 44)} />
          )}
          <p>{describeSample(history, row)}</p>
        </div>
        <div className={classes.scroll}>
          <table>
            <thead>
              <tr>
                <td />
                {shown.map((label) => (
                  <th key={label} scope="col" data-true={images[row]?.trueLabel === label || undefined}>
                    {className(history, label)}
                  </th>
                ))}
                {measured && <th scope="col">{divided ? 'on its classes' : score.about.short}</th>}
                {offOwn && <th scope="col">on the others</th>}
              </tr>
            </thead>
            <tbody>
              {view.names.map((name, who) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {shown.map((label) => (
                    <AnswerCell
                      key={label}
                      value={share(who, label)}
                      covered={view.covers[who]?.includes(label) ?? true}
                    />
                  ))}
                  {measured && <td>{scoreText(score, view.accuracy[who]?.own)}</td>}
                  {offOwn && <td>{scoreText(score, view.accuracy[who]?.others)}</td>}
                </tr>
              ))}
              {student && (
                <tr>
                  <th scope="row" style={{ color: inkOf('student') }}>
                    {learnerStyles.student.label}
                  </th>
                  {shown.map((label) => (
                    <AnswerCell
                      key={label}
                      value={student[row * view.classes + label] ?? 0}
                      covered
                      colour={learnerStyles.student.colour}
                    />
                  ))}
                </tr>
              )}
            </tbody>
          </table>
        </div>
        {!divided && <p className={classes.line}>{agreementText(view)}</p>}
      </div>
    </Panel>
  );
}

function AnswerCell({
  value,
  covered,
  colour = learnerStyles.teacher.colour,
}: {
  value: number;
  covered: boolean;
  colour?: string;
}) {
  return (
    <td
      data-outside={!covered || undefined}
      title={covered ? percent(value, 1) : 'not one of its classes'}
      style={
        covered
          ? {
              background: `color-mix(in srgb, ${colour} ${(value * 70).toFixed(0)}%, var(--field))`,
            }
          : undefined
      }
    >
      {covered ? percent(value, 0) : ''}
    </td>
  );
}

function scoreText({ text }: ScoreFormat, score: number | null | undefined): string {
  return score === null || score === undefined ? '–' : text(score);
}

/** How often two of them have the same top-1 prediction on the tracked samples. */
function agreementText({ names, classes: size, probabilities }: PredictionsView): string {
  if (names.length < 2) return '';
  const favourites = probabilities.map((values) => {
    const total = Math.floor(values.length / size);
    return Array.from({ length: total }, (_, i) => {
      let best = 0;
      for (let c = 1; c < size; c++) if (values[i * size + c]! > values[i * size + best]!) best = c;
      return best;
    });
  });
  const pairs: { names: string; share: number }[] = [];
  for (let a = 0; a < names.length; a++)
    for (let b = a + 1; b < names.length; b++) {
      const total = Math.max(1, favourites[a]!.length);
      const same = favourites[a]!.filter((best, i) => best === favourites[b]![i]).length;
      pairs.push({ names: `${names[a]!} and ${names[b]!}`, share: same / total });
    }
  pairs.sort((x, y) => x.share - y.share);
  const [least] = pairs;
  const most = pairs.at(-1)!;
  const tell = (pair: { names: string; share: number }) => `${pair.names} on ${percent(pair.share, 0)}`;
  if (pairs.length === 1) return `Same top-1 prediction on the tracked samples: ${tell(least!)}.`;
  if (least!.share === most.share)
    return `Any two of them have the same top-1 prediction on ${percent(most.share, 0)} of the tracked samples.`;
  return `Same top-1 prediction on the tracked samples: least often ${tell(least!)}, most often ${tell(most)}.`;
}
