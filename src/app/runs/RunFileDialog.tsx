import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { readRecipe } from '../../distill/recipe';
import type { Peek } from '../../storage/run-file';
import { bytes } from '../format';
import { methodName, studentSummary, teacherSummary } from '../recipe/summaries';
import { computedOn } from '../instruments/chart-marks';
import { Dialog } from '../shell/Dialog';
import { useLibrary } from '../store/hooks';
import { placeText } from '../store/library/library-store';
import { primaryScore } from '../subject/score-format';
import classes from './runs.module.css';

/** What is in a file with a run, before any of it is loaded. */
export default function RunFileDialog() {
  const file = useLibrary((state) => state.runFile)!;
  const onClose = useLibrary((state) => state.closeRunFile);
  const keeping = useLibrary((state) => state.keeping);
  const notKept = useLibrary((state) => state.notKept);
  const peekRun = useLibrary((state) => state.peekRun);
  const addRunFile = useLibrary((state) => state.addRunFile);
  const [peek, setPeek] = useState<Peek | { problem: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const { bytes: content } = file;
  useEffect(() => void peekRun(content).then(setPeek), [content, peekRun]);
  const add = async () => {
    setBusy(true);
    await addRunFile(content);
    onClose();
  };
  return (
    <Dialog title={file.name} width={480} onClose={onClose}>
      <div className={classes.notesForm}>
        {peek === null && <p>Reading what is in it.</p>}
        {peek && 'problem' in peek && <p role="alert">{peek.problem}</p>}
        {peek && !('problem' in peek) && (
          <>
            <Facts peek={peek} />
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
