import { Button } from '@mantine/core';
import { useActiveState, useLibrary, useRuns } from '../store/hooks';
import { Icon } from './icons';

/** The one button that starts, pauses and resumes. */
export function MainButton({ size = 'xs', label }: { size?: 'xs' | 'sm' | 'md'; label?: string }) {
  const state = useActiveState();
  const startOrPause = useRuns((state) => state.startOrPause);
  const isIdle = useLibrary((state) => state.active === null);
  const impossible = useRuns((state) => state.factsProblem !== null) && isIdle;
  const face = faceOf(state);
  return (
    <Button
      size={size}
      miw={size === 'md' ? 128 : 94}
      variant={state === 'running' || state === 'preparing' ? 'default' : 'filled'}
      leftSection={<Icon name={face.icon} size={size === 'md' ? 18 : 14} />}
      disabled={state === 'preparing' || impossible}
      onClick={startOrPause}
    >
      {state === null && label ? label : face.text}
    </Button>
  );
}

function faceOf(state: ReturnType<typeof useActiveState>) {
  if (state === 'running') return { icon: 'pause', text: 'Pause' } as const;
  if (state === 'paused') return { icon: 'play', text: 'Resume' } as const;
  if (state === 'preparing') return { icon: 'play', text: 'Preparing' } as const;
  return { icon: 'play', text: 'Start' } as const;
}

export function RunControls() {
  const state = useActiveState();
  const step = useRuns((state) => state.step);
  const stop = useRuns((state) => state.stop);
  const restart = useRuns((state) => state.restart);
  return (
    <div role="group" aria-label="Run" style={{ display: 'contents' }}>
      <MainButton />
      <Button
        variant="default"
        leftSection={<Icon name="step" size={14} />}
        disabled={state !== 'running' && state !== 'paused'}
        onClick={step}
      >
        Step
      </Button>
      <Button
        variant="default"
        leftSection={<Icon name="stop" size={14} />}
        disabled={state === null}
        onClick={stop}
      >
        Stop
      </Button>
      <Button
        variant="default"
        leftSection={<Icon name="restart" size={14} />}
        disabled={state === null}
        onClick={restart}
      >
        Restart
      </Button>
    </div>
  );
}
