import { Anchor, Button } from '@mantine/core';
import { useMemo, useRef } from 'react';
import { bundledSets, type BundledAbout } from '../../data/bundled-about';
import { onlyView } from '../../data/dataset';
import { describeContents } from '../../data/describe-set';
import { filesFromInput } from '../../data/dropped-files';
import { imageSetOf, labelledSetOf } from '../../storage/image-set';
import { bytes, count } from '../format';
import { Dialog } from '../shell/Dialog';
import { useData, useRecipe, useView } from '../store/hooks';
import classes from './data.module.css';
import { SavedDatasets } from './SavedDatasets';
import { samplesPerClass } from './pixels';
import { Thumbnails } from './Thumbnails';
import { previewBytes, useDataset } from './use-dataset';

export default function DataPanel() {
  const set = useView((state) => state.set);
  const close = () => set({ panel: null });
  return (
    <Dialog onClose={close} title="Data" width={680}>
      <ul className={classes.sets}>
        {bundledSets.map((about) => (
          <BundledSet key={about.id} about={about} onTaken={close} />
        ))}
      </ul>
      <Upload />
      <SavedDatasets />
    </Dialog>
  );
}

function BundledSet({ about, onTaken }: { about: BundledAbout; onTaken: () => void }) {
  const taken = useRecipe((state) => state.recipe.material.dataset === about.id);
  const setDataset = useData((state) => state.setDataset);
  const { attribution } = about;
  return (
    <li className={classes.set}>
      <div>
        <h3>{about.title}</h3>
        {about.bytes <= previewBytes && <Preview about={about} />}
        <p className={classes.muted}>
          {count(about.train)} to train on, {count(about.test)} to test, {describeContents(about)}.{' '}
          {about.bytes > 0 ? `${bytes(about.bytes)} from this site.` : 'Drawn on this machine.'}
        </p>
        {attribution && (
          <p className={classes.muted}>
            {attribution.text} {attribution.licence}.{' '}
            {attribution.url && (
              <Anchor href={attribution.url} target="_blank" rel="noreferrer" inherit>
                Source
              </Anchor>
            )}
          </p>
        )}
      </div>
      <Button
        variant={taken ? 'light' : 'default'}
        disabled={taken}
        onClick={() => {
          setDataset(about.id);
          onTaken();
        }}
      >
        {taken ? 'In use' : 'Use it'}
      </Button>
    </li>
  );
}

function Preview({ about }: { about: BundledAbout }) {
  const dataset = useDataset(about.id);
  const sheet = useMemo(() => {
    const images = dataset && imageSetOf(dataset);
    const labelled = dataset && labelledSetOf(dataset);
    const firsts = labelled ? samplesPerClass(labelled.train.labels, 10, 1).flat() : [...Array(10).keys()];
    return images && { set: images, rows: [firsts] };
  }, [dataset]);
  if (about.inputs[onlyView]?.kind !== 'image') return null;
  if (!sheet) return <div style={{ height: 40 }} />;
  return <Thumbnails {...sheet} size={32} label={`Samples of ${about.title}`} />;
}

function Upload() {
  const importFiles = useData((state) => state.importFiles);
  const upload = useData((state) => state.upload);
  const taken = useRecipe((state) => state.recipe.material.dataset === 'upload');
  const setDataset = useData((state) => state.setDataset);
  const set = useView((state) => state.set);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    // A choice of nothing is a change of mind.
    if (list && list.length > 0) void importFiles(filesFromInput(list));
  };
  return (
    <section className={classes.upload}>
      <h3>Your own data</h3>
      <p className={classes.stays}>Your data stay on this machine.</p>
      <p className={classes.muted}>
        Pictures: a folder, zip or tar with one folder per class (PNG, JPEG, GIF, WebP, BMP, AVIF, TIFF, PGM
        or PPM; of sounds too, in WAV, FLAC or Ogg, as spectrograms), IDX (as MNIST), CSV, NPZ or NPY, tensors
        of PyTorch (.pt), pickles of arrays (as CIFAR), Parquet or Arrow (as Hugging Face), MATLAB (as SVHN),
        HDF5, TFRecord, binaries of CIFAR and STL-10. Tables of measurements: CSV, TSV, columns between blanks
        or LIBSVM (as UCI), JSON Lines, Parquet, Feather or ARFF (as Weka), to learn classes, numbers or
        several labels. Drop them anywhere on the page, or choose them here. Single pictures can be pasted,
        taken with the webcam and sorted into classes by hand.
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => files.current?.click()}>
          Choose files
        </Button>
        <Button variant="default" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <Button variant="default" onClick={() => set({ panel: 'collect' })}>
          Sort pictures by hand
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
        aria-label="Data files"
        onChange={(event) => take(event.currentTarget.files)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Data folder"
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.currentTarget.files)}
      />
    </section>
  );
}
