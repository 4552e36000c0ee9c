import { Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { deleteKeptTeacher, listKeptTeachers } from '../../storage/kept-teachers';
import { bytes, dayAndTime } from '../format';
import { Dialog } from '../shell/Dialog';
import { useLibrary, useView } from '../store/hooks';
import classes from './kept-teachers.module.css';

type Kept = Awaited<ReturnType<typeof listKeptTeachers>>[number];

/** The teachers that were trained here and are taken up by runs that want the same one. */
export default function KeptTeachers() {
  const set = useView((state) => state.set);
  const withStorage = useLibrary((state) => state.withStorage);
  const measure = useLibrary((state) => state.measureUsage);
  const [kept, setKept] = useState<readonly Kept[] | null>(null);
  const read = useCallback(
    () =>
      withStorage('The kept teachers could not be read', async (from) =>
        setKept(await listKeptTeachers(from)),
      ),
    [withStorage],
  );
  useEffect(() => void read(), [read]);
  const remove = async (id: string) => {
    await withStorage('The teacher could not be deleted', (from) => deleteKeptTeacher(from, id));
    await read();
    await measure();
  };
  return (
    <Dialog title="Kept teachers" width={720} onClose={() => set({ panel: null })}>
      <p className={classes.line}>
        A teacher that was trained here is kept. A run that wants the same one (same recipe of the teacher,
        data, seed and backend) takes it up with the curves of its training, and trains none. Where the
        browser has no more room for a run, a data set or another teacher, those that were used least recently
        go first.
      </p>
      {kept?.length === 0 && <p className={classes.line}>No teacher is kept yet.</p>}
      <ul className={classes.list}>
        {kept?.map(({ id, name, recipe, dataset, seed, bytes: size, uses, usedAt, busy, backend }) => (
          <li key={id}>
            <span>
              <b>{name}</b>, seed {seed}
              <small>
                From “{recipe}” on {dataset.length === 64 ? 'your own data' : dataset}, {backend}
              </small>
            </span>
            <span className={classes.figures}>
              {bytes(size)}
              <small>
                {uses === 0 ? 'Not used again yet' : uses === 1 ? 'Used once' : `Used ${uses} times`}, last{' '}
                {dayAndTime(usedAt)}
              </small>
            </span>
            <Button
              size="compact-sm"
              variant="default"
              disabled={busy}
              title={busy ? 'A run is using it.' : undefined}
              aria-label={`Delete the teacher ${name}, seed ${seed}`}
              onClick={() => void remove(id)}
            >
              Delete
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
