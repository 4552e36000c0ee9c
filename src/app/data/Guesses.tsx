import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import '@mantine/core/styles/Pill.layer.css';
import '@mantine/core/styles/PillsInput.layer.css';
import { useId, useState } from 'react';
import type { Guess, GuessId, ImportChoices } from '../../data/import-report';
import { useData } from '../store/hooks';
import type { Candidate } from '../store/data/data-store';
import { listHeight } from '../theme/within-window';
import classes from './data.module.css';
import { OpenQuestion } from './OpenQuestion';
import { SizeQuestion } from './SizeQuestion';

/** Everything that was guessed, to be decided otherwise and read again. */
export function Guesses({ candidate }: { candidate: Candidate }) {
  const { report, files, choices } = candidate;
  const importFiles = useData((state) => state.importFiles);
  const importing = useData((state) => state.importing !== null);
  const [changed, setChanged] = useState<ImportChoices>({});
  const next = { ...stillMeant(choices, changed), ...changed };
  const problem = report.guesses.map((guess) => problemOf(guess, changed[guess.id])).find(Boolean);
  const isChanged = report.guesses.some(
    (guess) => changed[guess.id] !== undefined && String(changed[guess.id]) !== String(valueOf(guess)),
  );
  const isChosen = Object.keys(choices).length > 0;
  const open = report.guesses.filter(isOpen);
  const size = report.guesses.find(isSize);
  const rest = report.guesses.filter((guess) => !isOpen(guess) && !isSize(guess));
  const valueNow = (guess: Guess) => changed[guess.id] ?? valueOf(guess);
  const change = (guess: Guess) => (value: string) => setChanged({ ...changed, [guess.id]: value });
  const foot = (
    <div className={classes.guessFoot}>
      <Button type="submit" variant="default" disabled={!isChanged || problem !== undefined || importing}>
        Read again
      </Button>
      {problem && <p className={classes.muted}>{problem}</p>}
      {isChosen && (
        <Button variant="subtle" disabled={importing} onClick={() => void importFiles(files)}>
          Back to the first guess
        </Button>
      )}
    </div>
  );
  const fields = rest.map((guess) => (
    <Field key={guess.id} guess={guess} value={valueNow(guess)} onChange={change(guess)} />
  ));
  return (
    <form
      className={classes.guesses}
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged && !problem) void importFiles(files, next);
      }}
    >
      {open.length > 0 && (
        <section className={classes.questions} aria-label="To be checked">
          <p>
            The files allow more than one reading.{' '}
            {open.some(({ value }) => value === null)
              ? 'Choose an answer, then read again.'
              : 'Check the answer, or choose another one and read again.'}
          </p>
          {open.map((guess) => (
            <OpenQuestion key={guess.id} guess={guess} value={valueNow(guess)} onChange={change(guess)} />
          ))}
          {foot}
        </section>
      )}
      {size && (
        <section className={classes.questions} aria-label={size.label}>
          <SizeQuestion guess={size} value={valueNow(size)} onChange={change(size)} report={report} />
          {open.length === 0 && foot}
        </section>
      )}
      {rest.length > 0 && (
        <details open={(isChosen && open.length === 0 && !size) || report.columns !== undefined}>
          <summary>
            How the files were read
            {isChosen && ', with your choices'}
          </summary>
          <div className={classes.fields}>
            {fields}
            {open.length === 0 && !size && foot}
          </div>
        </details>
      )}
    </form>
  );
}

/** Whether a question stays in view: nothing could be guessed, or the files allow other answers as well. */
function isOpen(guess: Guess): guess is Extract<Guess, { kind: 'option' }> {
  return guess.kind === 'option' && (guess.open === true || guess.value === null);
}

/** Whether the options are sizes of the images, which have what they cost beside them. */
function isSize(guess: Guess): guess is Extract<Guess, { kind: 'option' }> {
  return guess.kind === 'option' && guess.options.some(({ image }) => image !== undefined);
}

/** Choices that mean something else once these are changed. */
const dependents: Partial<Record<GuessId, readonly GuessId[]>> = {
  imageSize: ['imageHeight', 'imageWidth'],
  medium: ['labelsFrom', 'classLevel', 'imageSize', 'imageHeight', 'imageWidth', 'colour'],
  labelsFrom: ['labelTable', 'namePattern', 'classLevel', 'domain', 'target', 'targetKind', 'alsoTargets'],
  labelTable: ['target', 'targetKind', 'alsoTargets'],
  namePattern: ['targetKind'],
  classLevel: ['domain'],
  set: ['classLevel', 'domain', 'severity', 'labels', 'targetKind'],
  target: ['targetKind', 'alsoTargets'],
  targetKind: ['alsoTargets'],
};

function stillMeant(choices: ImportChoices, changed: ImportChoices): ImportChoices {
  const gone = new Set(Object.keys(changed).flatMap((id) => dependents[id as GuessId] ?? []));
  return Object.fromEntries(Object.entries(choices).filter(([id]) => !gone.has(id as GuessId)));
}

/** As a choice has it. */
function valueOf(guess: Guess): string | number | null {
  return guess.kind === 'several' ? guess.value.join() : guess.value;
}

interface FieldProps {
  guess: Guess;
  value: string | number | null;
  onChange: (value: string) => void;
}

function Field({ guess, value, onChange }: FieldProps) {
  const id = useId();
  const label = guess.kind === 'number' && guess.unit !== '' ? `${guess.label}, ${guess.unit}` : guess.label;
  return (
    <div className={classes.guess}>
      <label htmlFor={id}>{label}</label>
      {guess.kind === 'number' ? (
        <TextInput
          id={id}
          type="number"
          min={guess.min}
          max={guess.max}
          value={value ?? ''}
          error={problemOf(guess, value) !== undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : guess.kind === 'several' ? (
        <MultiSelect
          id={id}
          comboboxProps={{ shadow: 'sm' }}
          placeholder={value ? '' : 'None'}
          maxDropdownHeight={listHeight(280)}
          value={String(value ?? '')
            .split(',')
            .filter(Boolean)}
          data={guess.options.map(({ value: option, text }) => ({ value: option, label: text }))}
          onChange={(options) => onChange(options.join())}
        />
      ) : (
        <Select
          id={id}
          allowDeselect={false}
          comboboxProps={{ shadow: 'sm' }}
          placeholder="Choose"
          maxDropdownHeight={listHeight(280)}
          value={value === null ? null : String(value)}
          data={guess.options.map(({ value: option, text }) => ({ value: option, label: text }))}
          onChange={(option) => option !== null && onChange(option)}
        />
      )}
    </div>
  );
}

function problemOf(guess: Guess, value: string | number | null | undefined): string | undefined {
  if (guess.kind !== 'number' || value === undefined) return undefined;
  const { min, max, label } = guess;
  const number = value === '' ? NaN : Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return undefined;
  return `${label}: a whole number from ${min} to ${max.toLocaleString('en-GB')}.`;
}
