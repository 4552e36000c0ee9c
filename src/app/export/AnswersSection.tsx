import { Button, Radio, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import type { AnswersFormat } from '../../export/answers-file';
import type { Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import { useLibrary } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import { learnerStyles } from '../theme/learner-styles';
import classes from './export.module.css';
import { weightChoices, type WeightChoice } from './weight-choices';

const formats: { value: AnswersFormat; label: string; about: string }[] = [
  {
    value: 'npz',
    label: 'NumPy, npz',
    about: 'train_logits, test_logits, their row numbers and the names of the classes.',
  },
  { value: 'csv', label: 'CSV', about: 'One line per instance: split, row number, one column per class.' },
];

/** A teacher may have no weights that are stored: its answers come from where it came from. */
const asItIs: WeightChoice = { key: 'end', from: 'end', label: 'As it taught', ending: '' };

/** What a network of the run answers on the whole set, as a file that can teach in another run. */
export function AnswersSection({ run, history }: { run: RunEntry; history: RunRecord }) {
  const save = useLibrary((state) => state.saveAnswers);
  const writing = useLibrary((state) => state.writing !== null);
  const atHand = useLibrary((state) => state.runs.at(-1)?.id === run.id);
  const learners = (['student', 'teacher', 'control', 'hard', 'full'] as const).filter(
    (learner) => run.final?.[learner] !== undefined || history.evaluations.student.keys.includes(learner),
  );
  const [wanted, setLearner] = useState<Learner>('student');
  const [key, setKey] = useState('end');
  const [format, setFormat] = useState<AnswersFormat>('npz');
  const learner = learners.find((known) => known === wanted) ?? learners[0];
  if (!learner) return null;
  const stored = weightChoices(run, history, learner, atHand);
  const choices = stored.length === 0 && learner === 'teacher' ? [asItIs] : stored;
  const weights = choices.find((choice) => choice.key === key) ?? choices[0];
  const isNumber = history.task.id === 'regression';
  return (
    <section className={classes.section} aria-label="Answers on the set">
      <h3>Answers on the set</h3>
      <p className={classes.muted}>
        {isNumber ? 'Predicted numbers' : 'Logits'} of one network for every training and test instance.
        “Answers in a file” under Teacher reads them back.
      </p>
      <SegmentedControl
        aria-label="Whose answers"
        value={learner}
        onChange={(value) => setLearner(value as Learner)}
        data={learners.map((value) => ({
          value,
          label: learnerStyles[value].short ?? learnerStyles[value].label,
        }))}
      />
      {weights ? (
        <Select
          label="Weights"
          className={classes.weights ?? ''}
          allowDeselect={false}
          value={weights.key}
          onChange={(chosen) => chosen !== null && setKey(chosen)}
          data={choices.map(({ key: value, label }) => ({ value, label }))}
        />
      ) : (
        <p className={classes.muted}>None of its weights are stored, and it is not the newest run.</p>
      )}
      <Radio.Group
        aria-label="Format of the answers"
        value={format}
        onChange={(value) => setFormat(value as AnswersFormat)}
      >
        <div className={classes.formats}>
          {formats.map(({ value, label, about }) => (
            <Radio key={value} value={value} label={label} description={about} size="sm" />
          ))}
        </div>
      </Radio.Group>
      <Button
        variant="default"
        loading={writing}
        disabled={!weights}
        onClick={() => weights && void save(run.id, learner, weights, format)}
      >
        Save the answers
      </Button>
    </section>
  );
}
