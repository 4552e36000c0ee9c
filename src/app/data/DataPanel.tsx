import { Button, Modal } from '@mantine/core';
import { useRef } from 'react';
import { materialKnobs } from '../../distill/material/about';
import { count } from '../format';
import { useApp } from '../store/context';
import classes from './data.module.css';
import { samplesPerClass } from './pixels';
import { Thumbnails } from './Thumbnails';
import { useDataset } from './use-dataset';

export default function DataPanel() {
  const set = useApp((state) => state.set);
  const close = () => set({ panel: null });
  const sets = materialKnobs.dataset.suggestions.filter(({ value }) => value !== 'upload');
  return (
    <Modal opened onClose={close} title="Data" size={680}>
      <ul className={classes.sets}>
        {sets.map(({ value }) => (
          <BundledSet key={value} id={value} onTaken={close} />
        ))}
      </ul>
      <Upload />
    </Modal>
  );
}

function BundledSet({ id, onTaken }: { id: string; onTaken: () => void }) {
  const dataset = useDataset(id);
  const taken = useApp((state) => state.recipe.material.dataset === id);
  const setDataset = useApp((state) => state.setDataset);
  const title = materialKnobs.dataset.suggestions.find((known) => known.value === id)?.label ?? id;
  return (
    <li className={classes.set}>
      <div>
        <h3>{title}</h3>
        {dataset && (
          <>
            <Thumbnails
              stack={{ pixels: dataset.train.images, ...dataset }}
              rows={[samplesPerClass(dataset.train.labels, 10, 1).flat()]}
              size={32}
              label={`Samples of ${title}`}
            />
            <p className={classes.muted}>
              {count(dataset.train.count)} to train on, {count(dataset.test.count)} to test,{' '}
              {dataset.classes.length} classes
            </p>
            {dataset.attribution && (
              <p className={classes.muted}>
                {dataset.attribution.text}. {dataset.attribution.licence}
              </p>
            )}
          </>
        )}
      </div>
      <Button
        variant={taken ? 'light' : 'default'}
        disabled={taken}
        onClick={() => {
          setDataset(id);
          onTaken();
        }}
      >
        {taken ? 'In use' : 'Use it'}
      </Button>
    </li>
  );
}

function Upload() {
  const importFiles = useApp((state) => state.importFiles);
  const upload = useApp((state) => state.upload);
  const taken = useApp((state) => state.recipe.material.dataset === 'upload');
  const setDataset = useApp((state) => state.setDataset);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) =>
    void importFiles(
      [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, bytes: file })),
    );
  return (
    <section className={classes.upload}>
      <h3>Your own images</h3>
      <p className={classes.stays}>Your images stay on this machine.</p>
      <p className={classes.muted}>
        A folder or zip with one folder a class, IDX (as MNIST), CSV, NPZ or NPY, CIFAR binaries. Drop them
        anywhere on the page, or choose them here.
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button variant="default" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        {upload && (
          <Button variant="light" disabled={taken} onClick={() => setDataset('upload')}>
            {taken ? `${upload.title} is in use` : `Use ${upload.title} again`}
          </Button>
        )}
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Image files"
        onChange={(event) => take(event.currentTarget.files)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Image folder"
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.currentTarget.files)}
      />
    </section>
  );
}
