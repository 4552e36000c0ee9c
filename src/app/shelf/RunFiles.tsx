import { Menu } from '@mantine/core';
import { instancesCsv, metricsCsv } from '../../export/metrics-csv';
import { metricsJson } from '../../export/metrics-json';
import { recipeJson } from '../../export/recipe-json';
import { download, fileName } from '../download';
import { useApp, useSession } from '../store/context';
import type { RunEntry } from '../store/runs';
import { recordOf } from './run-record';

/** What can be taken away from a run. */
export function RunFiles({ run }: { run: RunEntry }) {
  const { services } = useSession();
  const saveWeights = useApp((state) => state.saveWeights);
  const newest = useApp((state) => state.runs.at(-1)?.id === run.id);
  const history = services.histories.get(run.id);
  if (!history) return null;
  const name = `${fileName(run.name)}-${run.number}`;
  const record = () => recordOf(run, history);
  return (
    <>
      <Menu.Divider />
      <Menu.Item onClick={() => download(`${name}.metrics.csv`, metricsCsv(record()), 'text/csv')}>
        Metrics, CSV
      </Menu.Item>
      <Menu.Item onClick={() => download(`${name}.metrics.json`, metricsJson(record()), 'application/json')}>
        Metrics, JSON
      </Menu.Item>
      <Menu.Item
        disabled={history.snapshots.length === 0}
        onClick={() => download(`${name}.images.csv`, instancesCsv(record()), 'text/csv')}
      >
        Watched images, CSV
      </Menu.Item>
      <Menu.Item onClick={() => download(`${name}.recipe.json`, recipeJson(run.recipe), 'application/json')}>
        Recipe, JSON
      </Menu.Item>
      <Menu.Item disabled={!newest || run.final === null} onClick={() => saveWeights(run.id, 'student')}>
        Student’s weights, safetensors
      </Menu.Item>
    </>
  );
}
