import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Icon } from './icons';
import { Tip } from './Tip';

/** Follows the system until it is pressed. */
export function ThemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme('light');
  const other = shown === 'light' ? 'dark' : 'light';
  return (
    <Tip label={`Switch to the ${other} theme`} w="auto">
      <ActionIcon size={30} aria-label={`Switch to the ${other} theme`} onClick={() => setColorScheme(other)}>
        <Icon name={shown === 'light' ? 'moon' : 'sun'} />
      </ActionIcon>
    </Tip>
  );
}
