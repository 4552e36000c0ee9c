import { Button, Menu } from '@mantine/core';
import type { Experiment } from '../../experiment/experiment';
import type { CellResult } from '../../experiment/table';
import { downloadExperiment, experimentForms, type ExperimentForm } from './experiment-files';

/** Results, table, citations and recipes of an experiment as files. */
export function SaveExperiment({
  experiment,
  results,
}: {
  experiment: Experiment;
  results: readonly CellResult[];
}) {
  return (
    <Menu width={200}>
      <Menu.Target>
        <Button variant="default" disabled={results.length === 0}>
          Save …
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(experimentForms) as ExperimentForm[]).map((form) => (
          <Menu.Item key={form} onClick={() => downloadExperiment(form, experiment, results)}>
            {experimentForms[form].label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
