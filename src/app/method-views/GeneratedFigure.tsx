import type { GeneratedView, SampledPictures } from '../../distill/views';
import { ImageTile } from '../data/ImageTile';
import { count, figure, percent } from '../format';
import { Panel } from '../instruments/Panel';
import classes from './generated.module.css';

const tile = 32;
const [width, height] = [420, 110];

/** Pictures of the generator over its training, which of them were sampled, and where the teacher's filter cut. */
export default function GeneratedFigure({ view, when }: { view: GeneratedView; when: string }) {
  const { sampled, filtered } = view;
  return (
    <Panel wide title={view.title} line={when}>
      <Grid view={view} />
      {sampled && (
        <>
          <p className={classes.line}>
            Sampled: {count(sampled.kept)} of {count(sampled.draws)} pictures were kept, each with a chance
            that grows with its density ratio. A ratio of 1 is as probable among real pictures as among
            generated ones.
          </p>
          <Pictures title="Accepted" view={view} pictures={sampled.accepted} />
          <Pictures title="Rejected" view={view} pictures={sampled.rejected} />
        </>
      )}
      {filtered && <Histogram filtered={filtered} unit={view.unit ?? ''} />}
    </Panel>
  );
}

/** A row for each class or value, a column for each measurement, from the same noise. */
function Grid({ view }: { view: GeneratedView }) {
  const { names, steps, agreement, unit } = view;
  const wasTrained = steps.every((step) => step === 0);
  return (
    <>
      <p className={classes.line}>
        {wasTrained
          ? 'Pictures of the bundled generator, a row for each class.'
          : 'What the generator makes of the same noise as it learns: a row for each class or value, a column for each measurement.'}
        {agreement.length > 0 &&
          (unit === undefined
            ? ' Below, how often the teacher sees in its pictures the class that they were made for.'
            : ' Below, how far the teacher’s value is from the one that they were made for, on average.')}
      </p>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Pictures of the generator">
        <table className={classes.grid}>
          {!wasTrained && (
            <thead>
              <tr>
                <th scope="col">Step</th>
                {steps.map((step) => (
                  <th key={step} scope="col">
                    {count(step)}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {names.map((name, row) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {steps.map((_, column) => (
                  <td key={column}>
                    <ImageTile stack={view} at={row * steps.length + column} size={tile} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {agreement.length > 0 && (
            <tfoot>
              <tr>
                <th scope="row">{unit === undefined ? 'Teacher agrees' : 'Teacher’s error'}</th>
                {agreement.map((value, column) => (
                  <td key={column} colSpan={wasTrained ? steps.length : 1}>
                    {unit === undefined ? percent(value, 0) : `${figure(value)}${unit}`}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </>
  );
}

function Pictures({
  title,
  view,
  pictures,
}: {
  title: string;
  view: Pick<GeneratedView, 'height' | 'width' | 'channels'>;
  pictures: SampledPictures;
}) {
  const { height, width, channels } = view;
  return (
    <figure className={classes.pictures}>
      <figcaption>{title}</figcaption>
      <ul>
        {pictures.ratios.map((ratio, i) => (
          <li key={i}>
            <ImageTile stack={{ pixels: pictures.pixels, height, width, channels }} at={i} size={tile} />
            {figure(ratio)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function Histogram({ filtered, unit }: { filtered: NonNullable<GeneratedView['filtered']>; unit: string }) {
  const { measure, high, kept, dropped, cuts, changed } = filtered;
  const ofClasses = measure === 'cross-entropy';
  const all = kept.map((number, part) => number + dropped[part]!);
  const most = Math.max(1, ...all);
  const bar = width / all.length;
  const tall = (number: number) => (number / most) * (height - 4);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const [lowest, highest] = [Math.min(...cuts), Math.max(...cuts)];
  const cut =
    cuts.length > 1 ? `between ${figure(lowest)} and ${figure(highest)}` : `at ${figure(lowest)}${unit}`;
  const what = ofClasses ? 'the teacher’s cross-entropy' : 'the teacher’s error';
  const text = `Filtered: of ${count(sum(all))} pictures ${count(sum(dropped))} were left out, where ${what} is above the cut ${cut}. ${
    ofClasses
      ? `${percent(changed)} of the others got another class than they were made for.`
      : `The values of the others moved by ${figure(changed)}${unit} on average, to what the teacher reads.`
  }`;
  return (
    <figure className={classes.histogram}>
      <p className={classes.line}>{text}</p>
      <svg viewBox={`0 0 ${width} ${height + 16}`} role="img" aria-label={text}>
        {all.map((number, part) => (
          <g key={part}>
            <rect
              className={classes.dropped}
              x={part * bar}
              y={height - tall(number)}
              width={bar - 1}
              height={tall(dropped[part]!)}
            />
            <rect
              className={classes.kept}
              x={part * bar}
              y={height - tall(kept[part]!)}
              width={bar - 1}
              height={tall(kept[part]!)}
            />
          </g>
        ))}
        {cuts.map((at, i) => (
          <line
            key={i}
            className={classes.cut}
            x1={(at / high) * width}
            x2={(at / high) * width}
            y1={0}
            y2={height}
          />
        ))}
        <text x={0} y={height + 13}>
          0
        </text>
        <text x={width} y={height + 13} textAnchor="end">
          {figure(high)}
          {unit} and more
        </text>
      </svg>
      <figcaption>
        {ofClasses ? 'Cross-entropy of the teacher' : 'Absolute error of the teacher'}: kept in colour, left
        out in grey; {cuts.length > 1 ? 'lines are the cuts of the classes' : 'the line is the cut'}.
      </figcaption>
    </figure>
  );
}
