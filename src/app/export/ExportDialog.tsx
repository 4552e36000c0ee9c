import '@mantine/core/styles/Radio.css';
import { Button, Radio, SegmentedControl, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import type { ModelFormat } from '../../export/exported-file';
import { hasNetworks } from '../../distill/teachers/abouts';
import { modalityAbouts } from '../../distill/modalities/about';
import { asClassFolders, isOfImageClasses, pytorchProblem } from '../../export/pytorch/supported';
import type { Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { Dialog } from '../shell/Dialog';
import { useLibrary, useSession } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { learnerStyles } from '../theme/learner-styles';
import { AnswersSection } from './AnswersSection';
import classes from './export.module.css';
import { QuantiseSection } from './QuantiseSection';
import { runFiles } from './run-files';
import { weightChoices, type WeightChoice } from './weight-choices';

/** Everything that can be taken away from one run. */
export default function ExportDialog() {
  const { services } = useSession();
  const exported = useLibrary((state) => state.exported);
  const runs = useLibrary((state) => state.runs);
  const close = useLibrary((state) => state.openExport);
  const problem = useLibrary((state) => state.exportProblem);
  const run = runs.find(({ id }) => id === exported);
  const history = run && services.records.get(run.id);
  if (!run || !history) return null;
  return (
    <Dialog onClose={() => close(null)} title={`Save “${run.name}”`} width={640}>
      {problem !== null && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      <ModelSection run={run} history={history} />
      <AnswersSection run={run} history={history} />
      <PytorchSection run={run} history={history} />
      <FileSection run={run} history={history} />
    </Dialog>
  );
}

interface Props {
  run: RunEntry;
  history: RunRecord;
}

const formats: { value: ModelFormat; label: string; about: string }[] = [
  {
    value: 'safetensors',
    label: 'safetensors',
    about: 'Weights under PyTorch’s names.',
  },
  {
    value: 'onnx',
    label: 'ONNX',
    about:
      'For onnxruntime and most other engines. Opset 13, images as [batch, channels, height, width], rows as [batch, columns].',
  },
  {
    value: 'tfjs',
    label: 'TensorFlow.js',
    about:
      'A graph model for web pages (zip). Images as [batch, height, width, channels], rows as [batch, columns].',
  },
];

/** Of a student in low precision. */
const integers = {
  value: 'integers' as ModelFormat,
  label: 'safetensors, whole numbers',
  about:
    'What the layers compute with: rounded kernels as whole numbers of one or two bytes (NAME.integers) with a step each (NAME.step).',
};

function ModelSection({ run, history }: Props) {
  const save = useLibrary((state) => state.saveModel);
  const writing = useLibrary((state) => state.writing !== null);
  const loadedBack = useLibrary((state) => state.loadedBack);
  const atHand = useLibrary((state) => state.runs.at(-1)?.id === run.id);
  const learners = (['student', 'teacher', 'control', 'hard', 'full'] as const).filter(
    (learner) =>
      // A model from elsewhere is not ours to hand out again, and recorded answers are no network.
      !(learner === 'teacher' && !hasNetworks(run.recipe.teacher)) &&
      (run.final?.[learner] !== undefined || history.evaluations.student.keys.includes(learner)),
  );
  const [learner, setLearner] = useState<Learner>('student');
  const choices = weightChoices(run, history, learner, atHand);
  const [weights, setWeights] = useWeights(choices);
  const [format, setFormat] = useState<ModelFormat>('safetensors');
  const { bitsWeights } = run.recipe.student;
  const isLow = learner === 'student' && bitsWeights !== '32';
  const [pixels, setPixels] = useState(true);
  const [fold, setFold] = useState(false);
  const isTable = history.facts?.dataset.shape.length === 1;
  // A teacher from a file answers for images of classes.
  const readsBack = isOfImageClasses(history.facts);
  return (
    <section className={classes.section} aria-label="Model">
      <h3>Model</h3>
      {learners.length === 0 && (
        <p className={classes.muted}>There are networks to save once the student has been measured.</p>
      )}
      {learners.length > 0 && (
        <>
          <SegmentedControl
            aria-label="Whose network"
            value={learner}
            onChange={(value) => {
              setLearner(value as Learner);
              if (format === 'integers') setFormat('safetensors');
            }}
            data={learners.map((value) => ({
              value,
              label: learnerStyles[value].short ?? learnerStyles[value].label,
            }))}
          />
          {weights === null ? (
            <p className={classes.muted}>None of its weights are stored, and it is not the newest run.</p>
          ) : (
            <WeightsField choices={choices} value={weights} onChange={setWeights} />
          )}
          <Radio.Group
            aria-label="Format"
            value={format}
            onChange={(value) => setFormat(value as ModelFormat)}
          >
            <div className={classes.formats}>
              {(isLow ? [...formats, integers] : formats).map(({ value, label, about }) => (
                <Radio
                  key={value}
                  value={value}
                  label={label}
                  description={
                    value === 'safetensors' && readsBack ? `${about} This page reads them back.` : about
                  }
                  size="sm"
                />
              ))}
            </div>
          </Radio.Group>
          {format !== 'safetensors' && format !== 'integers' && (
            <div className={classes.switches}>
              <Switch
                checked={pixels}
                onChange={(event) => setPixels(event.currentTarget.checked)}
                label={isTable ? 'Takes the values of the columns' : 'Takes pixels from 0 to 1'}
                description={`It subtracts the mean${isTable ? ' of each column' : ''} and divides by the deviation itself. Off: you do that; the numbers are in the file.`}
              />
              <Switch
                checked={fold}
                onChange={(event) => setFold(event.currentTarget.checked)}
                label="Fold batch norms"
                description="Merges them into the convolutions: smaller and faster, the same outputs."
              />
            </div>
          )}
          {format === 'onnx' && weights && (
            <QuantiseSection
              key={`${learner} ${weights.key} ${pixels}`}
              {...{ run, history, learner, weights, feed: pixels ? 'pixels' : 'normalised' }}
            />
          )}
          <Button
            loading={writing}
            disabled={weights === null}
            onClick={() => {
              if (weights)
                void save(
                  run.id,
                  { learner, weights, format },
                  { feed: pixels ? 'pixels' : 'normalised', foldBatchNorm: fold },
                );
            }}
          >
            Save the network
          </Button>
          {loadedBack !== null && (
            <p className={classes.muted} role="status">
              {loadedBack}
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** The chosen weights; the first ones when what was chosen is not there (any more). */
function useWeights(choices: readonly WeightChoice[]): [WeightChoice | null, (key: string) => void] {
  const [key, setKey] = useState('end');
  return [choices.find((choice) => choice.key === key) ?? choices[0] ?? null, setKey];
}

interface WeightsFieldProps {
  choices: readonly WeightChoice[];
  value: WeightChoice;
  onChange: (key: string) => void;
}

/** As of when the weights are to be. */
function WeightsField({ choices, value, onChange }: WeightsFieldProps) {
  return (
    <Select
      label="Weights"
      className={classes.weights ?? ''}
      allowDeselect={false}
      value={value.key}
      onChange={(key) => key !== null && onChange(key)}
      data={choices.map(({ key, label }) => ({ value: key, label }))}
    />
  );
}

function PytorchSection({ run, history }: Props) {
  const save = useLibrary((state) => state.savePytorch);
  const writing = useLibrary((state) => state.writing);
  const atHand = useLibrary((state) => state.runs.at(-1)?.id === run.id);
  const [withData, setWithData] = useState(true);
  const choices = weightChoices(run, history, 'student', atHand);
  const [weights, setWeights] = useWeights(choices);
  const problem = pytorchProblem(run.recipe);
  const folders = asClassFolders(history.facts, run.recipe.material);
  const { many } = modalityAbouts[history.facts?.dataset.shape.length === 1 ? 'vector' : 'image'];
  return (
    <section className={classes.section} aria-label="Go on in PyTorch">
      <h3>Go on in PyTorch</h3>
      <p className={classes.muted}>
        A folder (zip) with <code>train.py</code> for one GPU or many: the same networks, {many}, targets and
        losses. <code>python train.py --check</code> compares the first batch’s losses and the test scores
        with the page’s. Of a run that is paused or was stopped, the folder also holds where it stands:{' '}
        <code>python train.py --resume</code> goes on from there.
      </p>
      {problem !== null && <p className={classes.muted}>{problem}</p>}
      {problem === null && !weights && (
        <p className={classes.muted}>None of its weights are stored, and it is not the newest run.</p>
      )}
      {problem === null && weights && (
        <>
          <WeightsField choices={choices} value={weights} onChange={setWeights} />
          <Switch
            checked={withData}
            onChange={(event) => setWithData(event.currentTarget.checked)}
            label={folders ? 'With the images' : 'With the data'}
            description={
              folders
                ? 'As class folders. Without them, put your own into data/train and data/test.'
                : 'As two safetensors files, with the inputs and targets of training and test. Without them, write your own: arrays.py says how.'
            }
          />
          <Button
            variant="default"
            disabled={run.state === 'preparing'}
            loading={writing !== null}
            onClick={() => void save(run.id, weights, withData)}
          >
            Save the folder
          </Button>
          {writing?.share != null && (
            <p className={classes.muted} role="status">
              {writing.text}, {Math.round(writing.share * 100)} %
            </p>
          )}
        </>
      )}
    </section>
  );
}

function FileSection({ run, history }: Props) {
  const { services } = useSession();
  const savePredictions = useLibrary((state) => state.savePredictions);
  const writing = useLibrary((state) => state.writing !== null);
  const atHand = useLibrary((state) => state.runs.at(-1)?.id === run.id);
  const runs = useLibrary((state) => state.runs);
  const all = runs.flatMap((entry) => {
    const known = services.records.get(entry.id);
    return known ? [{ run: entry, history: known }] : [];
  });
  return (
    <section className={classes.section} aria-label="Report and tables">
      <h3>Report and tables</h3>
      <ul className={classes.files}>
        {runFiles(run, history, all).map(({ label, about, empty, save }) => (
          <li key={label}>
            <Button variant="default" disabled={empty ?? false} onClick={save}>
              {label}
            </Button>
            <span className={classes.muted}>{about}</span>
          </li>
        ))}
        <li>
          <Button
            variant="default"
            disabled={!atHand || history.evaluated === null}
            loading={writing}
            onClick={() => void savePredictions(run.id)}
          >
            Test predictions, CSV
          </Button>
          <span className={classes.muted}>
            {history.task.id === 'regression' ? 'predicted numbers' : 'logits'} of each network and the true{' '}
            {history.task.id === 'classification' ? 'class' : 'targets'}; of the newest run, once its steps
            rest
          </span>
        </li>
      </ul>
      <p className={classes.muted}>Single charts are saved as SVG or PNG with the button at their corner.</p>
    </section>
  );
}
