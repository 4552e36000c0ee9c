import { Select } from '@mantine/core';
import { useId } from 'react';
import type { Guess } from '../../data/import-report';
import { listHeight } from '../theme/within-window';
import classes from './data.module.css';
import { OptionSamples } from './OptionSamples';

/** More answers than this without pictures are a list. */
const mostCards = 5;

interface Props {
  guess: Extract<Guess, { kind: 'option' }>;
  value: string | number | null;
  onChange: (value: string) => void;
}

/** A question that the files leave open: its answers in view, with pictures where there are some. */
export function OpenQuestion({ guess, value, onChange }: Props) {
  const name = useId();
  const { options, label } = guess;
  const shown = options.filter(({ samples }) => samples !== undefined);
  const cards = options.length <= mostCards ? options : shown;
  const rest = options.filter((option) => !cards.includes(option));
  return (
    <fieldset className={classes.question}>
      <legend>{label}</legend>
      {cards.length > 0 && (
        <div className={classes.answers}>
          {cards.map(({ value: option, text, samples }) => (
            <label key={option} className={classes.answer}>
              <input
                type="radio"
                name={name}
                value={option}
                checked={value === option}
                onChange={() => onChange(option)}
              />
              <span>{text}</span>
              {samples && <OptionSamples samples={samples} />}
            </label>
          ))}
        </div>
      )}
      {rest.length > 0 && (
        <Select
          aria-label={cards.length > 0 ? `${label}: another answer` : label}
          allowDeselect={false}
          comboboxProps={{ shadow: 'sm' }}
          placeholder={cards.length > 0 ? 'Another answer' : 'Choose'}
          maxDropdownHeight={listHeight(280)}
          value={rest.some((option) => option.value === value) ? String(value) : null}
          data={rest.map(({ value: option, text }) => ({ value: option, label: text }))}
          onChange={(option) => option !== null && onChange(option)}
        />
      )}
    </fieldset>
  );
}
