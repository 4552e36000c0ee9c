import { Button, FileButton } from '@mantine/core';
import { useRef } from 'react';

/** The way to an experiment that was saved as a file, or written by hand. */
export function OpenExperimentFile({ onFile }: { onFile: (file: File) => void }) {
  const reset = useRef<() => void>(null);
  return (
    <FileButton
      accept=".json,application/json"
      resetRef={reset}
      onChange={(file) => {
        if (file) onFile(file);
        // The same file can be chosen again.
        reset.current?.();
      }}
    >
      {(props) => (
        <Button {...props} variant="default">
          Open an experiment file…
        </Button>
      )}
    </FileButton>
  );
}
