import { Button } from '@mantine/core';
import { useData } from '../store/hooks';
import classes from './data.module.css';

export function ImportProgress() {
  const importing = useData((state) => state.importing);
  const cancel = useData((state) => state.cancelImport);
  if (!importing) return null;
  return (
    <section className={classes.importing} aria-label="Import">
      <span>{importing.text}</span>
      <Button variant="default" onClick={cancel}>
        Cancel
      </Button>
      <progress aria-label="Import" {...(importing.share === null ? {} : { value: importing.share })} />
    </section>
  );
}
