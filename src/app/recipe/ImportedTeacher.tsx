import { Button, FileButton } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { filesFromDrop } from '../../data/dropped-files';
import { answersByRows, lineArrow } from '../../distill/teachers/abouts';
import { foreignModel } from '../../distill/teachers/single/about';
import type { ImportedTeacher as Imported } from '../../storage/schema';
import { count, percent } from '../format';
import { useData, useIsTraining, useRecipe, useRuns } from '../store/hooks';
import { primaryScore } from '../subject/score-format';
import classes from './recipe.module.css';
import { RunAsTeacher } from './RunAsTeacher';

const OnnxTeacher = lazy(() => import('./OnnxTeacher'));

/** A teacher from the user's own files, a network or its answers: what was found in them, and how well it answers on this set. */
export function ImportedTeacher() {
  const running = useIsTraining();
  const teaching = useRecipe((state) => state.recipe.teacher);
  const { knobs } = teaching;
  const brought = useData((state) => state.importedTeacher);
  const bring = useData((state) => state.importTeacher);
  const onnxFiles = useData((state) => state.onnxFiles);
  const recall = useData((state) => state.findTeacher);
  const { teacher } = brought;
  const reset = useRef<() => void>(null);
  const file = knobs.file ?? '';
  const isHere = teacher !== null && teacher.id === file;
  useEffect(() => recall(file), [recall, file]);
  return (
    <div
      className={classes.form}
      onDrop={(event) => {
        event.preventDefault();
        // The page itself would take them as a data set.
        event.stopPropagation();
        if (!running)
          void filesFromDrop(event.dataTransfer).then((files) =>
            bring(files.map(({ path, bytes }) => new File([bytes], path))),
          );
      }}
    >
      {/* Any file: of one that cannot be read it is said what to do with it. */}
      <FileButton
        multiple
        resetRef={reset}
        onChange={(files) => {
          void bring(files);
          // So that the same file can be chosen again.
          reset.current?.();
        }}
      >
        {(props) => (
          <Button {...props} variant="default" disabled={running || brought.pending}>
            {brought.pending ? 'Reading…' : isHere ? 'Another file' : 'Choose its file'}
          </Button>
        )}
      </FileButton>
      <RunAsTeacher />
      {onnxFiles && (
        <Suspense fallback={<p className={classes.muted}>Reading…</p>}>
          <OnnxTeacher files={onnxFiles} />
        </Suspense>
      )}
      <div role="status">
        {brought.problem && <p className={classes.muted}>{brought.problem}</p>}
        {isHere && knobs.fileLine && <Line teacher={knobs.fileLine} />}
        {isHere &&
          (teacher.members ? (
            <Agreement teacher={teacher} />
          ) : teacher.otherClasses === undefined ? (
            <Accuracy teacher={teacher} />
          ) : (
            <p className={classes.muted}>
              {teacher.name}: {teacher.network}, a teacher by its features on {teacher.dataset}.
            </p>
          ))}
        {isHere &&
          teacher.notes.map((note) => (
            <p key={note} className={classes.muted}>
              {note}
            </p>
          ))}
        {!isHere && !onnxFiles && !brought.problem && !brought.pending && (
          <p className={classes.muted}>{answersByRows(teaching) ? answersLine : networkLine}</p>
        )}
      </div>
    </div>
  );
}

const networkLine =
  'A checkpoint of PyTorch (.pt, .pth, .bin), a safetensors file with its names, a TensorFlow.js model (model.json with its .bin files), or a zip of one of these; an ONNX model; or its answers on this set (.npy, .npz, .csv, .parquet). Choose or drop it here. It stays on this machine.';

const answersLine =
  'An ONNX model, which is asked for its answers once; or a .npy, .npz, .csv, .tsv, .parquet or .safetensors file with one row of numbers for each instance: of the whole set, or training and test apart. Rows are found by a column of file names or row numbers, otherwise by their order; columns by the names of the classes. Several files are several teachers. Choose or drop them here. They stay on this machine.';

/** The networks that taught one after the other, up to the student. */
function Line({ teacher }: { teacher: string }) {
  const student = useRecipe((state) => state.recipe.student.network);
  return (
    <p className={classes.muted}>
      {teacher}
      {lineArrow}
      {student}
    </p>
  );
}

function Accuracy({ teacher: { name, network, accuracy, measured, dataset } }: { teacher: Imported }) {
  return (
    <p className={classes.muted}>
      {name}: {network === foreignModel ? 'a model of TensorFlow.js' : network}, {percent(accuracy)} accuracy
      on {measured === undefined ? '' : `${count(measured)} instances of `}the test split of {dataset}.
    </p>
  );
}

/** How far recorded answers agree with the labels, for each teacher and split. */
function Agreement({ teacher: { name, dataset, members = [] } }: { teacher: Imported }) {
  const facts = useRuns((state) => state.facts);
  const score = primaryScore(facts);
  return (
    <>
      <p className={classes.muted}>
        {name}: agreement with the labels of {dataset}, {score.axis}.
      </p>
      <table className={classes.agreement}>
        <thead>
          <tr>
            <th scope="col">Teacher</th>
            <th scope="col">Training</th>
            <th scope="col">Test</th>
          </tr>
        </thead>
        <tbody>
          {members.map(({ name: member, train, test }, m) => (
            <tr key={m}>
              <th scope="row">{member}</th>
              <td>{score.text(train)}</td>
              <td>{test === null ? 'none' : score.text(test)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
