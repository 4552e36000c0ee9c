import { Button, type ButtonProps } from '@mantine/core';
import { lazy, Suspense, useState, type ComponentPropsWithRef } from 'react';
import { backendTitles } from '../../engine/backend-names';
import { useRuns } from '../store/hooks';
import classes from './shell.module.css';

/** Not for the first paint; it opens by itself where the button was pressed before it was there. */
const DevicePopover = lazy(() => import('./DevicePopover'));

export function BackendBadge() {
  const [pressed, setPressed] = useState(false);
  return (
    <Suspense fallback={<DeviceButton onClick={() => setPressed(true)} />}>
      <DevicePopover opened={pressed} button={<DeviceButton />} />
    </Suspense>
  );
}

/** Takes the place of the popover's target, and gets the handlers that open it. */
function DeviceButton(props: ButtonProps & ComponentPropsWithRef<'button'>) {
  const backend = useRuns((state) => state.backend);
  const title = backend ? `${backendTitles[backend.name]}, ${backend.device}` : 'Looking for a device';
  return (
    <Button {...props} variant="subtle" color="gray" fw={400} px={8} aria-label={`Device: ${title}`}>
      <span className={classes.lamp} data-on={backend ? '' : undefined} />
      <span className={classes.backend}>
        {backend ? backendTitles[backend.name] : 'Device'}
        <span className={classes.hideNarrow}>{backend ? `, ${backend.device}` : ' …'}</span>
      </span>
    </Button>
  );
}
