import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { editProblem, imagesByClass } from '../../data/edit';
import { placeOf } from '../../storage/set-rows';
import { useRowName } from '../data/use-row-name';
import { count } from '../format';
import { Dialog } from '../shell/Dialog';
import { useData, useIsTraining, useView } from '../store/hooks';
import type { Editing } from '../store/data/data-store';
import { SoundPlayer } from '../sound/SoundPlayer';
import { ClassList } from './ClassList';
import classes from './dataset.module.css';
import { ImageGrid } from './ImageGrid';
import { PicturesFigure } from './PicturesFigure';
import { ClassTools, deletion, SelectionTools } from './Tools';

/** A data set image by image: to look through, and to put right. */
export default function DatasetView() {
  const editing = useData((state) => state.editing);
  const set = useView((state) => state.set);
  if (!editing) return null;
  return (
    <Dialog onClose={() => set({ panel: null })} title={editing.dataset.title} width={1080}>
      <View editing={editing} />
    </Dialog>
  );
}

const noImages: ReadonlySet<number> = new Set();
const nothing: readonly number[] = [];

function View({ editing }: { editing: Editing }) {
  const { dataset, edit } = editing;
  const change = useData((state) => state.change);
  const byClass = useMemo(() => imagesByClass(edit), [edit]);
  const [wanted, setShown] = useState(0);
  const [chosen, setSelected] = useState(noImages);
  const shown = Math.min(wanted, edit.classes.length - 1);
  const images = byClass[shown] ?? nothing;
  // An undone step may have taken chosen images out of the class.
  const selected = useMemo(() => {
    const here = new Set(images);
    return [...chosen].every((image) => here.has(image)) ? chosen : noImages;
  }, [chosen, images]);
  const show = (label: number) => {
    setShown(label);
    setSelected(noImages);
  };
  const remove = () => {
    if (selected.size === 0) return;
    change(...deletion(edit, selected));
    setSelected(noImages);
  };
  return (
    <>
      <Head editing={editing} byClass={byClass} shown={shown} />
      <div className={classes.view}>
        <ClassList dataset={dataset} names={edit.classes} byClass={byClass} shown={shown} onShow={show} />
        <section className={classes.images} aria-label="Images of the class">
          {edit.classes.length === 0 ? (
            <p className={classes.muted}>No class is left. Undo brings the last one back.</p>
          ) : (
            <>
              <ClassTools
                key={`${shown} ${edit.classes[shown]}`}
                edit={edit}
                label={shown}
                images={images.length}
                onShow={show}
              />
              <div className={classes.choose}>
                <SelectionTools
                  edit={edit}
                  selected={selected}
                  onDelete={remove}
                  onClear={() => setSelected(noImages)}
                />
                {selected.size === 1 && <Chosen dataset={dataset} image={[...selected][0]!} />}
              </div>
              <ImageGrid
                key={shown}
                dataset={dataset}
                images={images}
                selected={selected}
                onSelect={setSelected}
                onDelete={remove}
                label={`Images of ${edit.classes[shown]}`}
              />
            </>
          )}
        </section>
      </div>
    </>
  );
}

/** What the files call an image, with its sound where it is the picture of one. */
function Chosen({ dataset, image }: { dataset: Editing['dataset']; image: number }) {
  const { split, row } = placeOf(dataset, image);
  const name = useRowName(dataset, split, row);
  return (
    name !== '' && (
      <div className={classes.tools}>
        <span className={classes.muted}>{name}</span>
        <SoundPlayer set={dataset} name={name} />
      </div>
    )
  );
}

interface HeadProps {
  editing: Editing;
  byClass: readonly (readonly number[])[];
  /** The class that is shown. */
  shown: number;
}

function Head({ editing, byClass, shown }: HeadProps) {
  const { dataset, edit, past, future, restored } = editing;
  const undo = useData((state) => state.undo);
  const redo = useData((state) => state.redo);
  const discard = useData((state) => state.discardEdits);
  const takeEdited = useData((state) => state.takeEdited);
  const exportSet = useData((state) => state.exportSet);
  const running = useIsTraining();
  const packing = useData((state) => state.importing !== null);
  const edited = past.length > 0;
  const problem = editProblem(dataset, edit);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
      if (event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [undo, redo]);
  const left = edit.labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
  return (
    <div className={classes.head}>
      <p className={classes.muted}>
        {count(left)} images in {count(edit.classes.length)} classes, {dataset.width} × {dataset.height},{' '}
        {dataset.channels === 3 ? 'colour' : 'grey'}. A dot marks images for the test; beside each class is
        the mean of its images.
      </p>
      <div className={classes.tools}>
        <Button variant="default" disabled={!edited} onClick={undo} title={past.at(-1)?.did}>
          Undo
        </Button>
        <Button variant="default" disabled={future.length === 0} onClick={redo} title={future.at(-1)?.did}>
          Redo
        </Button>
        <Button variant="subtle" disabled={!edited} onClick={discard}>
          Discard all changes
        </Button>
        <Button
          variant="default"
          disabled={packing || problem !== null}
          onClick={() => void exportSet(dataset, edited ? edit : null)}
        >
          Save as zip
        </Button>
        {edit.classes.length > 0 && (
          <PicturesFigure dataset={dataset} names={edit.classes} byClass={byClass} from={shown} />
        )}
        <Button
          disabled={!edited || running || packing || problem !== null}
          onClick={() => void takeEdited()}
        >
          Use the changed set
        </Button>
      </div>
      {edited && restored && (
        <p className={classes.restored} role="status">
          Your changes of last time are back; they are used only when you say so. “Discard all changes”
          deletes them.
        </p>
      )}
      {edited && (problem ?? (running ? 'It can be used when the run has ended.' : null)) && (
        <p className={classes.problem} role="status">
          {problem ?? 'It can be used when the run has ended.'}
        </p>
      )}
    </div>
  );
}
