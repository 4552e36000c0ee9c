import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { useRef } from 'react';
import { fileName } from '../download';
import { Icon } from '../shell/icons';
import { savePng, saveSvg } from './save-chart';

/** Saves the plot of the panel it stands in. */
export function SaveChart({ title }: { title: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const save = (how: (holder: Element, name: string) => unknown) => {
    const panel = button.current?.closest('section');
    if (panel) void how(panel, fileName(title));
  };
  return (
    <Menu width={160}>
      <Tooltip label="Save this chart" w="auto">
        <Menu.Target>
          <ActionIcon ref={button} size={24} aria-label={`Save the chart: ${title}`}>
            <Icon name="download" size={14} />
          </ActionIcon>
        </Menu.Target>
      </Tooltip>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save(saveSvg)}>As SVG</Menu.Item>
        <Menu.Item onClick={() => save(savePng)}>As PNG</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
