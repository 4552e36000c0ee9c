import { Button, FileButton } from '@mantine/core';
import { useEffect } from 'react';
import { foreignModel } from '../../distill/teachers/single/about';
import { percent } from '../format';
import { useData, useLibrary, useRecipe } from '../store/hooks';
import classes from './recipe.module.css';

/** A teacher from the user's own files: what was found in them, and its accuracy on this set. */
export function ImportedTeacher() {
  const running = useLibrary((state) => state.active !== null);
  const knobs = useRecipe((state) => state.recipe.teacher.knobs);
  const brought = useData((state) => state.importedTeacher);
  const bring = useData((state) => state.importTeacher);
  const recall = useData((state) => state.findTeacher);
  const { teacher } = brought;
  const file = knobs.file ?? '';
  const isHere = teacher !== null && teacher.id === file;
  useEffect(() => recall(file), [recall, file]);
  return (
    <div className={classes.form}>
      {/* Any file: of one that cannot be read it is said what to do with it. */}
      <FileButton multiple onChange={(files) => void bring(files)}>
        {(props) => (
          <Button {...props} variant="default" disabled={running || brought.pending}>
            {brought.pending ? 'Reading…' : isHere ? 'Another file' : 'Choose its file'}
          </Button>
        )}
      </FileButton>
      <div role="status">
        {brought.problem && <p className={classes.muted}>{brought.problem}</p>}
        {isHere && (
          <>
            <p className={classes.muted}>
              {teacher.name}:{' '}
              {teacher.network === foreignModel ? 'a model of TensorFlow.js' : teacher.network},{' '}
              {percent(teacher.accuracy)} accuracy on the test split of {teacher.dataset}.
            </p>
            {teacher.notes.map((note) => (
              <p key={note} className={classes.muted}>
                {note}
              </p>
            ))}
          </>
        )}
        {!isHere && !brought.problem && !brought.pending && (
          <p className={classes.muted}>
            A safetensors file with PyTorch’s names, a TensorFlow.js model (model.json with its .bin files),
            or a zip of either. It stays on this machine.
          </p>
        )}
      </div>
    </div>
  );
}
