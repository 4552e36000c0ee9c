import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { sentenceOf } from '../../limits/texts';
import { useSession } from '../store/hooks';
import type { ExperimentProgress } from '../store/runs/runs-store';
import { downloadExperiment, experimentForms, type ExperimentForm } from './experiment-files';
import classes from './experiment.module.css';

/** Results, table, citations and recipes of an experiment as files, and the experiment as a folder for PyTorch. */
export function SaveExperiment({ progress }: { progress: ExperimentProgress }) {
  const session = useSession();
  const { experiment, results, score } = progress;
  const [writing, setWriting] = useState<string | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const saveFolder = async () => {
    setTold(null);
    try {
      const { saveExperimentFolder } = await import('./save-experiment-folder');
      const staying = await saveExperimentFolder(session, progress, (text, share) =>
        setWriting(`${text} (${Math.round(100 * share)} %)`),
      );
      if (staying.length > 0)
        setTold(
          `The folder is saved without ${staying.length === 1 ? 'one run' : `${staying.length} runs`}, which its README names. ${staying[0]!.name}: ${staying[0]!.why}`,
        );
    } catch (error) {
      setTold(sentenceOf(error));
    } finally {
      setWriting(null);
    }
  };
  return (
    <>
      <Menu width={220}>
        <Menu.Target>
          <Button variant="default" loading={writing !== null}>
            Save …
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(experimentForms) as ExperimentForm[]).map((form) => (
            <Menu.Item
              key={form}
              disabled={results.length === 0}
              onClick={() => downloadExperiment(form, experiment, results, score)}
            >
              {experimentForms[form].label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => void saveFolder()}>Folder for PyTorch and Dask</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {writing !== null && (
        <p className={classes.saving} role="status">
          {writing}
        </p>
      )}
      {told !== null && (
        <p className={classes.saving} role="alert">
          {told}
        </p>
      )}
    </>
  );
}
