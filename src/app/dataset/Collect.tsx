import { Button, TextInput } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { filesFromDrop, filesFromInput } from '../../data/dropped-files';
import type { ImportFile } from '../../data/import-report';
import { count } from '../format';
import { Dialog } from '../shell/Dialog';
import { useData, useView } from '../store/hooks';
import type { CollectedClass } from '../store/data/data-store';
import classes from './collect.module.css';
import { CollectedPictures } from './CollectedPictures';
import { picturesOfClipboard, picturesOfPaste } from './pasted';
import { Webcam } from './Webcam';
import { sentenceOf } from '../../limits/texts';

const fewImages = 10;
const strongImbalance = 5;

/** A data set by hand: classes with names, pictures from files, the clipboard or the webcam. */
export default function Collect() {
  const set = useView((state) => state.set);
  return (
    <Dialog onClose={() => set({ panel: null })} title="Make a set of your own" width={760}>
      <Sheet />
    </Dialog>
  );
}

function Sheet() {
  const collection = useData((state) => state.collection);
  const addClass = useData((state) => state.addClass);
  const addPictures = useData((state) => state.addPictures);
  const importCollection = useData((state) => state.importCollection);
  const [current, setCurrent] = useState(collection[0]?.id ?? 0);
  const [filming, setFilming] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const target = collection.find(({ id }) => id === current) ?? collection[0];
  const filmed = collection.find(({ id }) => id === filming);

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const pictures = picturesOfPaste(event);
      if (pictures.length === 0 || !target) return;
      event.preventDefault();
      // Else the page behind takes the paste as well.
      event.stopPropagation();
      addPictures(target.id, pictures);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [target, addPictures]);
  const paste = async (id: number) => {
    setProblem(null);
    try {
      addPictures(id, await picturesOfClipboard());
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  const onFrame = useCallback(
    (name: string, bytes: Blob) => {
      if (filming !== null) addPictures(filming, [{ name, bytes }]);
    },
    [filming, addPictures],
  );
  const hints = hintsOf(collection);
  return (
    <>
      <p className={classes.muted}>
        Name each class and give it pictures: choose or drop files, paste (Ctrl+V goes to the class you
        touched last), or use the webcam. They stay on this machine.
      </p>
      {filmed && <Webcam target={filmed.name} onFrame={onFrame} onClose={() => setFilming(null)} />}
      <ol className={classes.list}>
        {collection.map((known) => (
          <ClassCard
            key={known.id}
            known={known}
            isCurrent={known.id === target?.id}
            isFilmed={known.id === filming}
            onTouch={() => setCurrent(known.id)}
            onPaste={() => void paste(known.id)}
            onFilm={() => setFilming(known.id === filming ? null : known.id)}
          />
        ))}
      </ol>
      <div className={classes.foot}>
        <Button variant="default" onClick={() => addClass()}>
          Add a class
        </Button>
        <Button
          disabled={collection.every(({ pictures }) => pictures.length === 0)}
          onClick={() => void importCollection()}
        >
          Make the set
        </Button>
        <div role="status" className={classes.hints}>
          {problem && <p>{problem}</p>}
          {hints.map((hint) => (
            <p key={hint}>{hint}</p>
          ))}
        </div>
      </div>
    </>
  );
}

/** What an import would warn of, while it can still be mended easily. */
function hintsOf(collection: readonly CollectedClass[]): string[] {
  const filled = collection.filter(({ pictures }) => pictures.length > 0);
  const counts = filled.map(({ pictures }) => pictures.length);
  const hints: string[] = [];
  if (filled.length < 2) hints.push('At least two classes need pictures.');
  const few = filled.filter(({ pictures }) => pictures.length < fewImages);
  if (few.length > 0)
    hints.push(`Fewer than ${fewImages} pictures: ${few.map(({ name }) => `“${name}”`).join(', ')}.`);
  if (Math.max(...counts) > strongImbalance * Math.min(...counts))
    hints.push(`One class has more than ${strongImbalance} times as many pictures as another.`);
  const names = filled.map(({ name }) => name.trim());
  if (names.some((name) => name === '')) hints.push('A class has no name.');
  if (new Set(names).size < names.length) hints.push('Classes of the same name become one.');
  return hints;
}

interface CardProps {
  known: CollectedClass;
  isCurrent: boolean;
  isFilmed: boolean;
  onTouch: () => void;
  onPaste: () => void;
  onFilm: () => void;
}

function ClassCard({ known, isCurrent, isFilmed, onTouch, onPaste, onFilm }: CardProps) {
  const rename = useData((state) => state.renameCollected);
  const remove = useData((state) => state.removeCollected);
  const addPictures = useData((state) => state.addPictures);
  const removePicture = useData((state) => state.removePicture);
  const input = useRef<HTMLInputElement>(null);
  const { id, name, pictures } = known;
  const take = (files: readonly ImportFile[]) =>
    addPictures(
      id,
      files.map(({ path, bytes }) => ({ name: path, bytes })),
    );
  return (
    <li
      className={classes.card}
      data-current={isCurrent || undefined}
      onPointerDown={onTouch}
      onFocus={onTouch}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onTouch();
        void filesFromDrop(event.dataTransfer).then(take);
      }}
    >
      <div className={classes.cardHead}>
        <TextInput
          aria-label="Name of the class"
          value={name}
          onChange={(event) => rename(id, event.currentTarget.value)}
        />
        <span className={classes.muted}>
          {count(pictures.length)} {pictures.length === 1 ? 'picture' : 'pictures'}
        </span>
        <Button variant="default" onClick={() => input.current?.click()}>
          Add files
        </Button>
        <Button variant="default" onClick={onPaste}>
          Paste
        </Button>
        <Button variant={isFilmed ? 'light' : 'default'} onClick={onFilm} aria-pressed={isFilmed}>
          Webcam
        </Button>
        <Button variant="subtle" onClick={() => remove(id)} aria-label={`Remove the class ${name}`}>
          Remove
        </Button>
      </div>
      <CollectedPictures
        pictures={pictures}
        label={`Pictures of ${name}`}
        onRemove={(picture) => removePicture(id, picture)}
      />
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={`Files for ${name}`}
        onChange={(event) => {
          if (event.currentTarget.files) take(filesFromInput(event.currentTarget.files));
          event.currentTarget.value = '';
        }}
      />
    </li>
  );
}
