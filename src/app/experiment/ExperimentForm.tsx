import { Button, Checkbox, NumberInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { methods } from '../../distill/methods/abouts';
import { axisKnobs, firstValues, type Axis } from '../../experiment/axes';
import { experimentOfMethods, fileOfMethods, fileOfRows, type Experiment } from '../../experiment/experiment';
import { methodRefusal } from '../recipe/data-kind';
import { shapeOf } from '../recipe/set-shape';
import { methodName } from '../recipe/summaries';
import { useData, useRecipe, useRuns, useView } from '../store/hooks';
import { AxisFields } from './AxisFields';
import { ForecastLine } from './ForecastLine';
import { OpenExperimentFile } from './OpenExperimentFile';
import { rowRefusals } from './row-refusals';
import classes from './experiment.module.css';

const groups = [...new Set(methods.map(({ group }) => group))];
const mostSeeds = 10;

/** Which methods, on the current recipe, with how many seeds. */
export default function ExperimentForm() {
  const recipe = useRecipe((state) => state.recipe);
  const upload = useData((state) => state.upload);
  const wish = useView((state) => state.experimentWish);
  const set = useView((state) => state.set);
  // It holds for the form that it opened.
  useEffect(() => set({ experimentWish: null }), [set]);
  const openFile = useRuns((state) => state.openExperimentFile);
  const [fileProblems, setFileProblems] = useState<readonly string[]>([]);
  const open = async (opened: File) => setFileProblems(await openFile(opened));
  const startExperiment = useRuns((state) => state.startExperiment);
  const [chosen, setChosen] = useState<readonly string[]>(wish?.methods ?? ['labels-only', recipe.method]);
  const [seeds, setSeeds] = useState(3);
  const refused = useMemo(() => {
    const dataSet = shapeOf(recipe, upload);
    return new Map(methods.map((method) => [method.id, methodRefusal(method, recipe, dataSet)]));
  }, [recipe, upload]);
  const [wanted] = useState(wish?.knob ?? null);
  const [axes, setAxes] = useState<readonly Axis[]>(() => {
    const swept = axisKnobs(recipe).find(({ path }) => path === wish?.knob);
    return swept ? [{ knob: swept.path, values: firstValues(swept) }] : [];
  });
  const toggle = (ids: readonly string[], on: boolean) =>
    setChosen((before) => [...before.filter((id) => !ids.includes(id)), ...(on ? ids : [])]);
  const fitting = chosen.filter((id) => !refused.get(id));
  const allSeeds = Array.from({ length: seeds }, (_, i) => recipe.seed + i);
  // Up to two thousand recipes, which must not be made anew for every character typed elsewhere.
  const { experiment, problems } = useMemo(
    () =>
      experimentOfMethods(
        recipe,
        chosen.filter((id) => !refused.get(id)),
        Array.from({ length: seeds }, (_, i) => recipe.seed + i),
        axes,
      ),
    [recipe, chosen, refused, seeds, axes],
  );
  const refusals = useMemo(() => rowRefusals(experiment, upload), [experiment, upload]);
  const planned = useMemo(
    () => ({ ...experiment, entries: experiment.entries.filter((_, place) => refusals[place] === null) }),
    [experiment, refusals],
  );
  const rows = planned.entries;
  const total = rows.length * seeds;
  const file = () =>
    rows.length === experiment.entries.length
      ? fileOfMethods(recipe, fitting, allSeeds, axes)
      : fileOfRows(recipe, planned, rows);
  const lacksImages = recipe.material.dataset === 'upload' && !upload;
  return (
    <div
      className={classes.form}
      onDrop={(event) => {
        // Data that is dropped here is for the page.
        const dropped = [...event.dataTransfer.files].find(({ name }) => name.endsWith('.json'));
        if (!dropped) return;
        event.preventDefault();
        event.stopPropagation();
        void open(dropped);
      }}
    >
      <p className={classes.line}>
        Trains each chosen method with each seed on the data, student and training settings of the current
        recipe (“{recipe.title}”, {methodName(recipe).title}), and compares every student with a baseline (no
        teacher) of the same seed. Every run is stored and opens in the instruments; a teacher that several
        share is trained once.
      </p>
      <div className={classes.groups}>
        {groups.map((group) => {
          const members = methods.filter((method) => method.group === group);
          const ids = members.flatMap(({ id }) => (refused.get(id) ? [] : [id]));
          const on = ids.filter((id) => chosen.includes(id)).length;
          return (
            <fieldset key={group} className={classes.group}>
              <legend>
                <Checkbox
                  label={group}
                  disabled={ids.length === 0}
                  checked={ids.length > 0 && on === ids.length}
                  indeterminate={on > 0 && on < ids.length}
                  onChange={(event) => toggle(ids, event.currentTarget.checked)}
                />
              </legend>
              {members.map(({ id, title }) => (
                <Checkbox
                  key={id}
                  size="xs"
                  label={title}
                  {...(refused.get(id)
                    ? { disabled: true, description: 'Not for this data', title: refused.get(id)! }
                    : {})}
                  checked={chosen.includes(id) && !refused.get(id)}
                  onChange={(event) => toggle([id], event.currentTarget.checked)}
                />
              ))}
            </fieldset>
          );
        })}
      </div>
      <AxisFields recipe={recipe} axes={axes} onChange={setAxes} wanted={wanted} />
      {problems.length > 0 && (
        <p className={classes.problem} role="alert">
          {problems.map(({ message }) => message).join(' ')}
        </p>
      )}
      <Refused experiment={experiment} refusals={refusals} />
      {total > 0 && problems.length === 0 && <ForecastLine experiment={planned} />}
      <div className={classes.start}>
        <NumberInput
          label="Seeds"
          description={`From ${recipe.seed} on`}
          min={1}
          max={mostSeeds}
          value={seeds}
          onChange={(value) => setSeeds(Math.min(mostSeeds, Math.max(1, Math.round(Number(value) || 1))))}
          w={120}
        />
        <Button
          disabled={total === 0 || problems.length > 0 || lacksImages}
          onClick={() => void startExperiment(file())}
        >
          {total === 1 ? 'Start 1 run' : `Start ${total} runs`}
        </Button>
        <OpenExperimentFile onFile={(opened) => void open(opened)} />
        {lacksImages && (
          <p className={classes.line}>This recipe uses your own data. Drop the files on the page first.</p>
        )}
      </div>
      {fileProblems.length > 0 && (
        <ul className={classes.refused} role="alert">
          {fileProblems.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** So many rows are said one by one. */
const mostSaid = 6;

/** Rows of the crossing that cannot be trained, each with the reason. */
function Refused({
  experiment: { entries },
  refusals,
}: {
  experiment: Experiment;
  refusals: readonly (string | null)[];
}) {
  const refused = entries.flatMap(({ name }, place) => {
    const why = refusals[place];
    return why == null ? [] : [{ name, why }];
  });
  if (refused.length === 0) return null;
  return (
    <div role="status">
      <p className={classes.problem}>
        {refused.length === 1 ? 'One row is' : `${refused.length} of ${entries.length} rows are`} left out:
      </p>
      <ul className={classes.refused}>
        {refused.slice(0, mostSaid).map(({ name, why }) => (
          <li key={name}>
            {name}: {why}
          </li>
        ))}
        {refused.length > mostSaid && <li>and {refused.length - mostSaid} more</li>}
      </ul>
    </div>
  );
}
