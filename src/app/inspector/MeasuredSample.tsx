import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { ImageTile } from '../data/ImageTile';
import { SavedFigure } from '../figures/SavedFigure';
import { usePixels, useVectors } from '../data/use-pixels';
import { useRowName } from '../data/use-row-name';
import { useRunSet } from '../data/use-run-set';
import { imageNumber } from '../instruments/confusion-cells';
import { LineSample } from '../recipe/LineSample';
import { imageSetOf, type ImageSet } from '../../storage/image-set';
import type { SetHandle } from '../../storage/set-handle';
import { SoundPlayer } from '../sound/SoundPlayer';
import { instanceWords } from '../subject/instance-words';
import { trackedScale } from '../subject/row-picture';
import { useView } from '../store/hooks';
import { learnerStyles } from '../theme/learner-styles';
import { className } from './describe-sample';
import classes from './inspector.module.css';
import { RowBars } from './RowBars';

const order: readonly Learner[] = ['teacher', 'student', 'control', 'hard', 'full', 'rounded'];

/** An instance of the last measurement, chosen in a confusion matrix: its class, and the predictions for it. */
export function MeasuredSample({ history, place }: { history: RunRecord; place: number }) {
  const set = useView((state) => state.set);
  const dataset = useRunSet(history.id);
  const images = dataset && imageSetOf(dataset);
  const words = instanceWords(history.facts);
  const samples = history.samples!;
  const truth = samples.labels[place]!;
  const name = useRowName(dataset ?? null, samples.split === 'test' ? 'test' : 'train', samples.rows[place]!);
  return (
    <>
      <SavedFigure
        heading={`${words.One} and predictions`}
        title={`${words.One} ${samples.rows[place]!} of the ${samples.split} ${words.many}`}
      >
        <figure className={classes.figure}>
          {images && <Picture set={images} number={imageNumber(samples, place, images)} />}
          {dataset && !images && (
            <Row history={history} set={dataset} number={imageNumber(samples, place, dataset)} />
          )}
          {dataset === null && (
            <p className={classes.empty}>The {words.many} of this run are not here any more.</p>
          )}
          <SoundPlayer set={dataset} name={name} />
          <figcaption>
            <dl className={classes.labels}>
              <dt>{words.One}</dt>
              <dd>
                {samples.rows[place]} of the {samples.split} {words.many}
              </dd>
              {name !== '' && (
                <>
                  <dt>Name</dt>
                  <dd className={classes.name}>{name}</dd>
                </>
              )}
              <dt>True class</dt>
              <dd>{className(history, truth)}</dd>
            </dl>
          </figcaption>
        </figure>
        <dl className={classes.predictions} aria-label="Predicted class">
          {order.map((learner) => {
            const predicted = samples.predicted[learner]?.[place];
            if (predicted === undefined) return null;
            return (
              <div key={learner}>
                <dt>
                  <LineSample style={learnerStyles[learner]} width={12} /> {learnerStyles[learner].label}
                </dt>
                <dd data-state={predicted === truth ? 'true' : 'wrong'}>
                  {className(history, predicted)}
                  <small>{predicted === truth ? 'correct' : 'wrong'}</small>
                </dd>
              </div>
            );
          })}
        </dl>
      </SavedFigure>
      <Button variant="default" size="compact-sm" onClick={() => set({ measured: null })}>
        Back to the tracked samples
      </Button>
    </>
  );
}

function Row({ history, set, number }: { history: RunRecord; set: SetHandle; number: number }) {
  const values = useVectors(
    set,
    useMemo(() => [number], [number]),
  );
  const { tracked } = history;
  const scale = tracked && trackedScale(tracked);
  return values && scale && <RowBars names={tracked.vectors!.names} values={values} scale={scale} />;
}

function Picture({ set, number }: { set: ImageSet; number: number }) {
  const stack = usePixels(
    set,
    useMemo(() => [number], [number]),
  );
  return <div className={classes.measured}>{stack && <ImageTile stack={stack} at={0} size={184} />}</div>;
}
