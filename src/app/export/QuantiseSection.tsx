import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ModelOptions } from '../../export/model-source';
import { sentenceOf } from '../../limits/texts';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import type { QuantisedModel } from '../../worker/onnx-protocol';
import { download, fileName } from '../download';
import { bytes, count, percent } from '../format';
import { useSession } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { primaryScore } from '../subject/score-format';
import classes from './export.module.css';
import type { WeightChoice } from './weight-choices';

interface Props {
  run: RunEntry;
  history: RunRecord;
  learner: Learner;
  weights: WeightChoice;
  feed: ModelOptions['feed'];
}

interface Found extends QuantisedModel {
  scores: number[];
  agreement: number[];
  instances: number;
}

/** A loss of more than this share is said to be a collapse. */
const collapse = 0.05;

/** The network in eight bits: rounded, run and measured here before it is saved. */
export function QuantiseSection({ run, history, learner, weights, feed }: Props) {
  const { services } = useSession();
  const [busy, setBusy] = useState<string | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const measure = async () => {
    setProblem(null);
    setFound(null);
    setBusy('Collecting instances');
    try {
      const place = { run: run.id, learner, from: weights.from };
      const { training, onnx } = services;
      const given = await training.call('weights', place);
      const check = await training.call('modelCheck', place);
      if (!given || !check)
        throw new Error(
          'The network cannot be asked now: its weights are gone, or its run is going on. Pause it.',
        );
      const order = { safetensors: new Uint8Array(given), learner, run: run.name, feed, check };
      const made = await (await onnx()).call('quantise', order, { onProgress: (text) => setBusy(text) });
      setBusy('Scoring');
      const scored = await training.call('modelScores', { ...place, answered: made.answers });
      const size = check.shape.reduce((product, side) => product * side, 1);
      setFound({ ...made, ...scored, instances: check.test.length / size });
    } catch (error) {
      setProblem(sentenceOf(error));
    } finally {
      setBusy(null);
    }
  };
  const save = () => {
    const name = `${fileName(run.name)}-${learner}${weights.ending}-int8.onnx`;
    download(name, found!.bytes, 'application/octet-stream');
  };
  return (
    <div className={classes.quantise} role="group" aria-label="In eight bits">
      <Button variant="default" loading={busy !== null} onClick={() => void measure()}>
        Round to int8 and measure
      </Button>
      {busy !== null && (
        <p className={classes.muted} role="status">
          {busy}
        </p>
      )}
      {problem !== null && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {found && (
        <>
          <Measured {...{ found, history }} />
          <Button variant="default" onClick={save}>
            Save the int8 model
          </Button>
        </>
      )}
    </div>
  );
}

function Measured({ found, history }: { found: Found; history: RunRecord }) {
  const { scores, agreement, instances, floatBytes, bytes: file, loadedBack } = found;
  const score = primaryScore(history.facts);
  const [float, int8] = scores as [number, number];
  const gain = score.gain(int8, float);
  const hasCollapsed = score.isShare ? gain < -collapse : gain < -2 * collapse * Math.abs(float);
  const isRegression = history.task.id === 'regression';
  return (
    <>
      <table className={classes.measured}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">{score.heading}</th>
            <th scope="col">{isRegression ? 'Difference from float' : 'Answers as float'}</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">float32</th>
            <td>{score.text(float)}</td>
            <td>–</td>
            <td>{bytes(floatBytes)}</td>
          </tr>
          <tr>
            <th scope="row">int8</th>
            <td>
              {score.text(int8)} ({score.signed(gain)})
            </td>
            <td>{isRegression ? agreement[1]!.toPrecision(3) : percent(agreement[1]!)}</td>
            <td>{bytes(file.length)}</td>
          </tr>
        </tbody>
      </table>
      {hasCollapsed && (
        <p className={classes.problem} role="alert">
          Eight bits cost this network {score.amount(gain)}. Students that were distilled can collapse so:
          save the float model, or train one in low precision under Student.
        </p>
      )}
      <p className={classes.muted}>
        Both ran in onnxruntime on {count(instances)} test instances. Loaded back, the float model’s answers
        to {loadedBack.instances} of them differ from the network’s by{' '}
        {loadedBack.difference.toExponential(0)} of the largest at most. Opset 13, batch norms folded, ranges
        from 256 training instances at most.
      </p>
    </>
  );
}
