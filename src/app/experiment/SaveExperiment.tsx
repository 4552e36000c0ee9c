import { Button, Menu } from '@mantine/core';
import type { ExperimentProgress } from '../store/runs/runs-store';
import { downloadExperiment, experimentForms, type ExperimentForm } from './experiment-files';

/** Results, table, citations and recipes of an experiment as files. */
export function SaveExperiment({ progress }: { progress: ExperimentProgress }) {
  const { experiment, results, score } = progress;
  return (
    <Menu width={200}>
      <Menu.Target>
        <Button variant="default" disabled={results.length === 0}>
          Save …
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(experimentForms) as ExperimentForm[]).map((form) => (
          <Menu.Item key={form} onClick={() => downloadExperiment(form, experiment, results, score)}>
            {experimentForms[form].label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
