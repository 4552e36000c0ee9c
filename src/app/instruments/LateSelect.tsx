import { Select, type SelectProps } from '@mantine/core';
import { useState } from 'react';

/**
 * A `Select` whose list is placed once its field has the focus. Mantine places a closed list as soon as the field appears,
 * for which the browser lays the whole page out in the middle of a task.
 */
export function LateSelect({ onFocus, comboboxProps, ...props }: SelectProps) {
  const [isUsed, setIsUsed] = useState(false);
  return (
    <Select
      {...props}
      comboboxProps={{ ...comboboxProps, keepMountedMode: isUsed ? 'display-none' : 'activity' }}
      onFocus={(event) => {
        setIsUsed(true);
        onFocus?.(event);
      }}
    />
  );
}
