import { Popover, SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { backendTitles, type BackendName } from '../../engine/backend-names';
import { useActiveState, useRuns } from '../store/hooks';
import { EngineFacts } from './EngineFacts';
import classes from './shell.module.css';

const short: Record<BackendName, string> = { webgpu: 'WebGPU', wasm: 'Wasm', webgl: 'WebGL', cpu: 'CPU' };

const halfPrecision =
  'Maps that a training step keeps can lie in half precision here: see “Advanced” under Training.';

/** What computes the runs, and the choice of another; `opened` where the button was pressed before this code was there. */
export default function DevicePopover({ opened, button }: { opened: boolean; button: ReactNode }) {
  const backend = useRuns((state) => state.backend);
  const forced = useRuns((state) => state.forcedBackend);
  const choose = useRuns((state) => state.chooseBackend);
  const running = useActiveState() !== null;
  const title = backend ? `${backendTitles[backend.name]}, ${backend.device}` : 'Looking for a device';
  return (
    <Popover width={360} position="bottom-end" trapFocus returnFocus defaultOpened={opened}>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown className={classes.popover} aria-label="Device">
        <h2>{title}</h2>
        <p>{backend?.reason ?? 'Trying the backends of this machine.'}</p>
        {backend?.threads?.why && <p>{backend.threads.why}</p>}
        {globalThis.isSecureContext === false && (
          <p>
            This page came over plain http. Over https (or from localhost) it could also use WebGPU, keep runs
            after the tab is closed, read the clipboard and the webcam, and open without a network.
          </p>
        )}
        <SegmentedControl
          fullWidth
          aria-label="Device to train on"
          disabled={running}
          value={forced ?? 'auto'}
          onChange={(value) => choose(value === 'auto' ? null : (value as BackendName))}
          data={[
            { value: 'auto', label: 'Best' },
            ...Object.entries(short).map(([value, label]) => ({ value, label })),
          ]}
        />
        {running && <p>The device can be changed when no run is going.</p>}
        {backend && <p>{backend.lacks['shader-f16'] ?? halfPrecision}</p>}
        <EngineFacts />
        {backend && backend.rejected.length > 0 && (
          <dl className={classes.rejected}>
            {backend.rejected.map(({ name, why }) => (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{backendTitles[name]}</dt>
                <dd>{why}</dd>
              </div>
            ))}
          </dl>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
