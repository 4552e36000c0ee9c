/** An ONNX model as a teacher: how it reads its input, what it is to show, and the work of asking it. */
import '@mantine/core/styles/Pill.layer.css';
import '@mantine/core/styles/PillsInput.layer.css';
import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import {
  firstChoices,
  isOnnx,
  layoutText,
  keptShape,
  mapBytes,
  mapSides,
  megabytes,
  mostMapBytes,
  scalingText,
  type Inner,
  type OnnxChoices,
  type OnnxFound,
  type Fit,
  type Scaling,
  type Tried,
  type Way,
} from '../../training/onnx/about';
import { mostStages } from '../../distill/teachers/recorded/about';
import { sentenceOf } from '../../limits/texts';
import { ownRefOf } from '../../storage/set-handle';
import type { OnnxOrder } from '../../worker/onnx-protocol';
import type { CallOptions } from '../../worker/rpc';
import { count, percent } from '../format';
import type { OnnxPort } from '../ports';
import { useData, useIsTraining, useRecipe, useSession } from '../store/hooks';
import classes from './recipe.module.css';

interface Work {
  text: string;
  share: number | null;
}

/** Begins anew with other files, and on another set. */
export default function OnnxTeacher({ files }: { files: readonly File[] }) {
  const set = useData((state) => state.upload?.key);
  const bundled = useRecipe((state) => state.recipe.material.dataset);
  const named = files.map(({ name, size, lastModified }) => `${name}/${size}/${lastModified}`);
  return <AskedModel key={[...named, bundled, set].join()} files={files} />;
}

const beginning: Work = { text: 'Starting…', share: null };

function AskedModel({ files }: { files: readonly File[] }) {
  const { services } = useSession();
  const running = useIsTraining();
  const upload = useData((state) => state.upload);
  const bundled = useRecipe((state) => state.recipe.material.dataset);
  const bring = useData((state) => state.importTeacher);
  const leave = useData((state) => state.leaveOnnx);
  const [found, setFound] = useState<OnnxFound | null>(null);
  const [choices, setChoices] = useState<OnnxChoices | null>(null);
  // Of several models each is asked in the way that is found best, when the user says so.
  const several = files.filter(({ name }) => isOnnx({ path: name })).length > 1;
  const [work, setWork] = useState<Work | null>(several ? null : beginning);
  const [problem, setProblem] = useState<string | null>(null);
  /** The call under way; what an earlier one says is not shown. */
  const current = useRef<AbortController | null>(null);
  const order = useCallback((): OnnxOrder => {
    const own = bundled === 'upload' && upload ? ownRefOf(upload) : null;
    if (!own && bundled === 'upload')
      throw new Error('Bring the data first: the model is asked about their instances.');
    return {
      files: files.map((file) => ({ path: file.name, bytes: file })),
      set: own ?? { kind: 'bundled', id: bundled },
    };
  }, [files, upload, bundled]);

  /** Carries out a call, with its progress; null where it was cancelled or refused. */
  const follow = useCallback(
    async <T,>(call: (client: OnnxPort, options: CallOptions<never>) => Promise<T>): Promise<T | null> => {
      const abort = new AbortController();
      current.current = abort;
      const show = (shown: () => void) => {
        if (current.current === abort) shown();
      };
      try {
        return await call(await services.onnx(), {
          onProgress: (text, share) => show(() => setWork({ text, share })),
          signal: abort.signal,
        });
      } catch (error) {
        show(() =>
          setProblem(abort.signal.aborted ? 'Cancelled. The teacher is as it was.' : sentenceOf(error)),
        );
        return null;
      } finally {
        show(() => setWork(null));
      }
    },
    [services],
  );

  useEffect(() => {
    if (!several)
      void follow((client, options) => client.call('inspect', order(), options)).then((answer) => {
        if (!answer) return;
        setFound(answer);
        setChoices(firstChoices(answer));
      });
    return () => {
      const before = current.current;
      current.current = null;
      before?.abort();
    };
  }, [order, follow, several]);

  const compute = async () => {
    setProblem(null);
    setWork(beginning);
    const answers = await follow((client, options) =>
      choices
        ? client.call('answers', { ...order(), choices }, options)
        : client.call('together', { ...order(), features: false }, options),
    );
    if (!answers) return;
    const made = answers.files.map(({ path, bytes }) => new File([bytes], path));
    const models = files.filter(({ name }) => isOnnx({ path: name }));
    const name = models.map((one) => one.name).join(', ');
    await bring(made, { id: answers.id, name, note: answers.note });
  };

  return (
    <section className={`${classes.form} ${classes.model}`} aria-label="ONNX model">
      {problem && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {found && choices && (
        <ChoicesForm
          found={found}
          choices={choices}
          onChange={setChoices}
          disabled={running || work !== null}
        />
      )}
      {several && !work && (
        <p className={classes.muted}>
          Each model is a teacher of its own: it is asked for its answers once, in the way of giving it its
          input that works best on training instances. Together they are an ensemble.
        </p>
      )}
      {work && (
        <>
          <p className={classes.muted} role="status">
            {work.text}
          </p>
          <progress
            className={classes.asking}
            aria-label="Asking the model"
            {...(work.share === null ? {} : { value: work.share })}
          />
        </>
      )}
      <div className={classes.buttons}>
        {found && choices && !work && (
          <Button
            onClick={() => void compute()}
            disabled={running || bytesOf(found, choices) > mostMapBytes || !isWhole(choices)}
          >
            Compute its answers
          </Button>
        )}
        {several && !work && (
          <Button onClick={() => void compute()} disabled={running}>
            Compute their answers
          </Button>
        )}
        <Button variant="default" onClick={work ? () => current.current?.abort() : leave}>
          {work ? 'Cancel' : 'Leave it'}
        </Button>
      </div>
    </section>
  );
}

const chosenInner = ({ inner }: OnnxFound, { stages, embedding }: OnnxChoices): Inner[] =>
  inner.filter(({ name }) => stages.includes(name) || name === embedding);

const bytesOf = (found: OnnxFound, choices: OnnxChoices) =>
  mapBytes(chosenInner(found, choices), found.rows, choices.side);

/** Numbers of a mean or a deviation: one for all, or one for each channel or column. */
const counts = ({ layout, width, channels }: Fit) => [1, layout === 'columns' ? width : channels];

const isWhole = ({ fit, scaling: { mean, deviation } }: Way) =>
  [mean, deviation].every(
    (values) => counts(fit).includes(values.length) && values.every((value) => Number.isFinite(value)),
  ) && !deviation.includes(0);

interface FormProps {
  found: OnnxFound;
  choices: OnnxChoices;
  onChange: (choices: OnnxChoices) => void;
  disabled: boolean;
}

function ChoicesForm({ found, choices, onChange, disabled }: FormProps) {
  const { tried, outputs, notes, sample, rows, pace, name } = found;
  const layouts = [...new Set(tried.map(({ fit }) => fit.layout))];
  const ways = tried.filter(({ fit }) => fit.layout === choices.fit.layout);
  const change = (changed: Partial<OnnxChoices>) => onChange({ ...choices, ...changed });
  const takeWay = ({ fit, scaling, unit }: Tried) => change({ fit, scaling, unit });
  const isNumber = tried.some(({ unit }) => unit === 'standardised');
  const seconds = Math.ceil((pace * rows) / 1000);
  return (
    <>
      <p className={classes.muted}>
        {name}: {scoreText(tried[0]!, isNumber)} on {count(sample)} training instances, where its input is
        given the best way that was tried.
      </p>
      {notes.map((note) => (
        <p key={note} className={classes.muted}>
          {note}
        </p>
      ))}
      {layouts.length > 1 && (
        <Select
          label="Order of the input"
          disabled={disabled}
          allowDeselect={false}
          value={choices.fit.layout}
          data={layouts.map((layout) => ({ value: layout, label: layoutText(layout) }))}
          onChange={(layout) => takeWay(tried.find(({ fit }) => fit.layout === layout)!)}
        />
      )}
      <Select
        label="How its input is given"
        description={`${isNumber ? 'How well it answers' : 'The share that it gets right'} stands before each way that was tried.`}
        disabled={disabled}
        allowDeselect={false}
        value={wayId(choices)}
        data={[
          ...ways.map((way) => ({
            value: wayId(way),
            label: `${shortScore(way, isNumber)}: ${scalingText(way.scaling)}${way.unit === 'standardised' ? ', answers standardised' : ''}`,
          })),
          { value: 'custom', label: 'By a mean and a deviation of your own' },
        ]}
        onChange={(id) => {
          const way = ways.find((one) => wayId(one) === id);
          if (way) takeWay(way);
          else change({ scaling: { ...choices.scaling, id: 'custom' } });
        }}
      />
      {choices.scaling.id === 'custom' && (
        <OwnScaling
          scaling={choices.scaling}
          fit={choices.fit}
          disabled={disabled}
          onChange={(scaling) => change({ scaling })}
        />
      )}
      {outputs.length > 1 && (
        <Select
          label="Its answers"
          description="Several outputs have the right number of values; logits are better than probabilities."
          disabled={disabled}
          allowDeselect={false}
          value={choices.output}
          data={outputs}
          onChange={(output) => output !== null && change({ output })}
        />
      )}
      {found.inner.length > 0 && <InnerFields {...{ found, choices, onChange, disabled }} />}
      <p className={classes.muted}>
        It will be asked once about each of {count(rows)} instances, in about{' '}
        {seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} on this machine; the answers are
        kept. It runs on one thread of WebAssembly and stays on this machine.
      </p>
    </>
  );
}

const wayId = ({ scaling, unit }: Pick<Tried, 'scaling' | 'unit'>) =>
  scaling.id === 'custom' ? 'custom' : `${scaling.id}/${unit}`;

function shortScore({ score }: Tried, isNumber: boolean): string {
  return score === null || isNumber ? scoreText({ score }, isNumber) : percent(score);
}

function scoreText({ score }: Pick<Tried, 'score'>, isNumber: boolean): string {
  if (score === null) return 'no numbers';
  return isNumber ? `R² ${score.toFixed(3)}` : `${percent(score)} right`;
}

/** Four digits: the numbers that were found stay exact until they are changed. */
const short = (value: number) => String(Number(value.toPrecision(4)));

function OwnScaling({
  scaling,
  fit,
  disabled,
  onChange,
}: {
  scaling: Scaling;
  fit: Fit;
  disabled: boolean;
  onChange: (scaling: Scaling) => void;
}) {
  const [texts, setTexts] = useState({
    mean: scaling.mean.map(short).join(', '),
    deviation: scaling.deviation.map(short).join(', '),
  });
  const commit = (name: 'mean' | 'deviation', text: string) => {
    setTexts({ ...texts, [name]: text });
    onChange({
      ...scaling,
      [name]: text
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(Number),
    });
  };
  const isTable = fit.layout === 'columns';
  const each = counts(fit)[1]!;
  const problem = (name: 'mean' | 'deviation') => {
    const others = { mean: [0], deviation: [1], [name]: scaling[name] };
    if (isWhole({ fit, scaling: { ...scaling, ...others } })) return null;
    const what = isTable ? `columns, of which there are ${count(each)}` : 'channels';
    return `${each > 1 ? `One number, or ${count(each)} for the ${what}` : 'One number'}${name === 'deviation' ? ', none of them 0' : ''}`;
  };
  const labels = isTable
    ? { mean: 'Mean of the columns', deviation: 'Deviation of the columns' }
    : { mean: 'Mean of the pixels (0 to 1)', deviation: 'Deviation of the pixels' };
  return (
    <>
      {(['mean', 'deviation'] as const).map((name) => (
        <TextInput
          key={name}
          label={labels[name]}
          disabled={disabled}
          value={texts[name]}
          error={problem(name)}
          onChange={(event) => commit(name, event.currentTarget.value)}
        />
      ))}
    </>
  );
}

/** What feature losses are to see, with what it takes to keep it. */
function InnerFields({ found, choices, onChange, disabled }: FormProps) {
  const { inner, proposal, rows } = found;
  const bytes = bytesOf(found, choices);
  const option = (one: Inner) => ({
    value: one.name,
    label: `${keptShape(one, choices.side).join(' × ')}, ${megabytes(mapBytes([one], rows, choices.side))}: ${one.op} ${one.name}`,
  });
  const maps = inner.filter(({ layout }) => layout !== 'vector');
  const vectors = inner.filter(({ layout }) => layout === 'vector');
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {!isOpen && (
        <Button
          variant="default"
          disabled={disabled}
          onClick={() => {
            setOpen(true);
            onChange({ ...choices, ...proposal });
          }}
        >
          Keep features for feature losses too
        </Button>
      )}
      {isOpen && (
        <>
          {maps.length > 0 && (
            <MultiSelect
              label="Stages"
              description="Outputs of nodes that feature losses see, from the first to the last; the first one stands for the first layer too."
              disabled={disabled}
              searchable
              clearable
              maxValues={mostStages}
              value={choices.stages}
              data={maps.map(option)}
              onChange={(names) =>
                onChange({
                  ...choices,
                  stages: maps.map(({ name }) => name).filter((name) => names.includes(name)),
                })
              }
            />
          )}
          {maps.some(({ layout }) => layout === 'map') && (
            <Select
              label="Sides of the stages, at most"
              description="Larger maps are averaged over blocks: they take less memory, and losses see less of where something is."
              disabled={disabled}
              allowDeselect={false}
              value={String(choices.side)}
              data={[
                { value: 'null', label: 'As they are' },
                ...mapSides.map((side) => ({ value: String(side), label: `${side} × ${side}` })),
              ]}
              onChange={(side) => onChange({ ...choices, side: side === 'null' ? null : Number(side) })}
            />
          )}
          {vectors.length > 0 && (
            <Select
              label="Vector before the classifier"
              disabled={disabled}
              searchable
              clearable
              value={choices.embedding}
              data={vectors.map(option)}
              onChange={(embedding) => onChange({ ...choices, embedding })}
            />
          )}
          <p className={bytes > mostMapBytes ? classes.problem : classes.muted}>
            The features take {megabytes(bytes)} of memory while a run reads them
            {bytes > mostMapBytes
              ? `; at most ${megabytes(mostMapBytes)} are kept. Choose fewer, or average them to fewer places.`
              : '.'}
          </p>
        </>
      )}
    </>
  );
}
