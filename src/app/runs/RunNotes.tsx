import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { mostCharacters } from '../../limits/texts';
import { Dialog } from '../shell/Dialog';
import { useLibrary, useView } from '../store/hooks';
import type { RunEntry } from '../store/library/library-store';
import classes from './runs.module.css';

/** Name and notes of a run, to be edited. */
export default function RunNotes({ run, onClose }: { run: RunEntry; onClose: () => void }) {
  const describe = useLibrary((state) => state.describe);
  const [name, setName] = useState(run.name);
  const [notes, setNotes] = useState(run.notes);
  const ask = useView((state) => state.ask);
  const keep = () => {
    describe(run.id, { name: name.trim() || run.name, notes: notes.trim() });
    onClose();
  };
  const close = () => {
    if (name === run.name && notes === run.notes) return onClose();
    ask({
      title: 'Keep what you wrote?',
      text: `The name or the notes of run ${run.number} were changed.`,
      choices: [
        { label: 'Keep', act: keep },
        { label: 'Discard', act: onClose },
      ],
    });
  };
  return (
    <Dialog title={`Run ${run.number}`} width={460} onClose={close}>
      <form
        className={classes.notesForm}
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <TextInput
          label="Name"
          data-autofocus
          maxLength={mostCharacters.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Notes"
          rows={5}
          maxLength={mostCharacters.notes}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
        <Button type="submit">Keep</Button>
      </form>
    </Dialog>
  );
}
