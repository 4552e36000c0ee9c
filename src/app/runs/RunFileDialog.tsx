import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { readRecipe } from '../../distill/recipe';
import type { Peek } from '../../storage/run-file';
import { bytes, figure } from '../format';
import { methodName, studentSummary, teacherSummary } from '../recipe/summaries';
import { computedOn } from '../instruments/chart-marks';
import { Dialog } from '../shell/Dialog';
import { sentenceOf } from '../../limits/texts';
import { useLibrary, useSession } from '../store/hooks';
import { placeText } from '../store/library/library-store';
import { primaryScore } from '../subject/score-format';
import { addOutsideRun, readOutsideFiles, type OutsideFiles } from './outside-run-file';
import classes from './runs.module.css';

type Found = Peek | OutsideFiles | { problem: string };

/** What is in the files of a run, before any of it is loaded. */
export default function RunFileDialog() {
  const session = useSession();
  const files = useLibrary((state) => state.runFile)!;
  const onClose = useLibrary((state) => state.closeRunFile);
  const keeping = useLibrary((state) => state.keeping);
  const notKept = useLibrary((state) => state.notKept);
  const peekRun = useLibrary((state) => state.peekRun);
  const addRunFile = useLibrary((state) => state.addRunFile);
  const [peek, setPeek] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [first] = files;
  useEffect(() => {
    const look = async () => (await readOutsideFiles(files)) ?? peekRun(first!.bytes);
    void look().then(setPeek);
  }, [files, first, peekRun]);
  const add = async () => {
    setBusy(true);
    try {
      if (peek && 'metrics' in peek) await addOutsideRun(session, peek);
      else await addRunFile(first!.bytes);
      onClose();
    } catch (error) {
      setPeek({ problem: sentenceOf(error) });
    }
  };
  return (
    <Dialog title={first!.path.slice(first!.path.lastIndexOf('/') + 1)} width={480} onClose={onClose}>
      <div className={classes.notesForm}>
        {peek === null && <p>Reading what is in it.</p>}
        {peek && 'problem' in peek && <p role="alert">{peek.problem}</p>}
        {peek && !('problem' in peek) && (
          <>
            {'metrics' in peek ? <OutsideFacts found={peek} /> : <Facts peek={peek} />}
            {keeping === false && (
              <p role="alert">
                A run is added to what this browser keeps, and it keeps nothing here. {notKept}
              </p>
            )}
            <Button data-autofocus loading={busy} disabled={keeping !== true} onClick={() => void add()}>
              Add to the runs
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function OutsideFacts({ found: { metrics, student, teacher } }: { found: OutsideFiles }) {
  const { recipe, name, trainedIn, final, scores } = metrics;
  const weights = [...(student ? [student.path] : []), ...(teacher ? [teacher.path] : [])].join(', ');
  const lines: [string, string][] = [
    ['Run', name],
    ['Trained in', trainedIn],
    ['Method', methodName(recipe).title],
    ['Teacher', teacherSummary(recipe)],
    ['Student', studentSummary(recipe)],
    [
      'Weights',
      weights === ''
        ? 'not chosen: the run has curves alone. Choose student.safetensors too, to see its predictions.'
        : `${weights}; its scores and predictions are measured here`,
    ],
    ...(final.student === undefined
      ? []
      : [
          ['Score in the file', scores ? figure(final.student) : primaryScore({}).text(final.student)] as [
            string,
            string,
          ],
        ]),
  ];
  return <FactList lines={lines} />;
}

function Facts({ peek: { label, progress, bytes: size, images } }: { peek: Peek }) {
  const { recipe } = readRecipe(label.recipe);
  const { student, control } = progress.final ?? {};
  const score = primaryScore({ ...(progress.task ? { task: progress.task } : {}) });
  const lines: [string, string][] = [
    ['Run', label.name],
    ['Method', methodName(recipe).title],
    ['Teacher', teacherSummary(recipe)],
    ['Student', studentSummary(recipe)],
    ['State', progress.state === 'open' ? `interrupted at ${placeText(progress)}` : progress.state],
    ...(student === undefined
      ? []
      : [
          [
            score.heading,
            `student ${score.text(student)}${control === undefined ? '' : `, baseline ${score.text(control)}`}`,
          ] as [string, string],
        ]),
    ['Backend', computedOn(progress.backend, progress.moves) ?? 'not known'],
    [
      'Data',
      images === null
        ? `${recipe.material.dataset}, which comes with the page`
        : images
          ? 'in the file'
          : 'not in the file: it cannot go on without it',
    ],
    ['Size', bytes(size)],
    ...(label.notes ? [['Notes', label.notes] as [string, string]] : []),
  ];
  return <FactList lines={lines} />;
}

function FactList({ lines }: { lines: readonly (readonly [string, string])[] }) {
  return (
    <dl className={classes.peek}>
      {lines.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
