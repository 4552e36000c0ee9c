import { Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { merged, relabelled, renamed, withoutClass, withoutImages, type SetEdit } from '../../data/edit';
import { count } from '../format';
import { useData } from '../store/hooks';
import classes from './dataset.module.css';

interface ClassProps {
  edit: SetEdit;
  label: number;
  images: number;
  onShow: (label: number) => void;
}

/** What can be done with a whole class. */
export function ClassTools({ edit, label, images, onShow }: ClassProps) {
  const change = useData((state) => state.change);
  const [draft, setDraft] = useState<string | null>(null);
  const name = edit.classes[label]!;
  const settle = () => {
    const wanted = draft?.trim().normalize('NFC') ?? '';
    setDraft(null);
    if (wanted === '' || wanted === name) return;
    const next = renamed(edit, label, wanted);
    const joined = edit.classes.includes(wanted);
    change(next, joined ? `Merged “${name}” into “${wanted}”` : `Renamed “${name}” to “${wanted}”`);
    onShow(next.classes.indexOf(wanted));
  };
  const others = edit.classes.filter((_, i) => i !== label);
  return (
    <div className={classes.tools} role="group" aria-label="This class">
      <TextInput
        aria-label="Name of the class"
        value={draft ?? name}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={settle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') settle();
          if (event.key !== 'Escape' || draft === null) return;
          event.stopPropagation();
          setDraft(null);
        }}
      />
      <Select
        aria-label="Merge into another class"
        placeholder="Merge into"
        disabled={others.length === 0}
        searchable
        limit={100}
        comboboxProps={{ shadow: 'sm' }}
        value={null}
        data={others}
        onChange={(into) => {
          if (into === null) return;
          const next = merged(edit, label, edit.classes.indexOf(into));
          change(next, `Merged “${name}” into “${into}”`);
          onShow(next.classes.indexOf(into));
        }}
      />
      <Button
        variant="default"
        onClick={() => {
          change(withoutClass(edit, label), `Deleted “${name}” with ${count(images)} images`);
          onShow(Math.max(0, label - 1));
        }}
      >
        Delete the class
      </Button>
    </div>
  );
}

interface SelectionProps {
  edit: SetEdit;
  selected: ReadonlySet<number>;
  onDelete: () => void;
  onClear: () => void;
}

/** What can be done with the chosen images. */
export function SelectionTools({ edit, selected, onDelete, onClear }: SelectionProps) {
  const change = useData((state) => state.change);
  const [target, setTarget] = useState('');
  const none = selected.size === 0;
  const move = () => {
    if (target.trim() === '' || none) return;
    change(relabelled(edit, selected, target), `Moved ${imagesIn(selected.size)} to “${target.trim()}”`);
    setTarget('');
    onClear();
  };
  return (
    <div className={classes.tools} role="group" aria-label="Chosen images">
      <span className={classes.chosen}>
        {none ? 'Click images to choose them' : `${count(selected.size)} chosen`}
      </span>
      <Autocomplete
        aria-label="Move the chosen images to a class"
        placeholder="Move to a class"
        disabled={none}
        limit={100}
        comboboxProps={{ shadow: 'sm' }}
        value={target}
        data={[...edit.classes]}
        onChange={setTarget}
        onKeyDown={(event) => {
          if (event.key === 'Enter') move();
        }}
      />
      <Button variant="default" disabled={none || target.trim() === ''} onClick={move}>
        Move
      </Button>
      <Button variant="default" disabled={none} onClick={onDelete}>
        Delete
      </Button>
      <Button variant="subtle" disabled={none} onClick={onClear}>
        Choose none
      </Button>
    </div>
  );
}

export function imagesIn(number: number): string {
  return `${count(number)} ${number === 1 ? 'image' : 'images'}`;
}

/** The edit without the chosen images, and what it is called. */
export function deletion(edit: SetEdit, selected: ReadonlySet<number>): [SetEdit, string] {
  return [withoutImages(edit, selected), `Deleted ${imagesIn(selected.size)}`];
}
