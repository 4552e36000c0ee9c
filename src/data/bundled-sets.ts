/** Data sets bundled with the page, in MNIST's file layout; read by the same reader as an upload. */
import { bundledSets, type BundledAbout } from './bundled-about';
import type { LabelledImages, ImageSplit } from './labelled-images';
import { gunzip, isGzip } from './containers/gzip';
import { parseIdx } from './formats/idx';
import { ImportContext } from './import-context';

export { bundledSets } from './bundled-about';

/**
 * Loads a bundled set. `fetchBytes` gets a path below the folder of the page, such as
 * "data/digits-8x8/train-images-idx3-ubyte.gz". Rejects for an unknown id, when `fetchBytes` rejects, and when a file
 * is malformed.
 */
export async function loadBundled(
  id: string,
  fetchBytes: (path: string) => Promise<ArrayBuffer>,
): Promise<LabelledImages> {
  const about = bundledSets.find((set) => set.id === id);
  if (!about) throw new Error(`There is no bundled data set "${id}".`);
  const [train, test] = await Promise.all([
    loadSplit(about, 'train', about.train, fetchBytes),
    loadSplit(about, 't10k', about.test, fetchBytes),
  ]);
  const { title, height, width, channels, classes, attribution } = about;
  return { id, title, height, width, channels, classes: [...classes], train, test, attribution };
}

async function loadSplit(
  about: BundledAbout,
  name: string,
  count: number,
  fetchBytes: (path: string) => Promise<ArrayBuffer>,
): Promise<ImageSplit> {
  const load = async (file: string) => {
    const path = `data/${about.id}/${name}-${file}.gz`;
    return valuesOf(await fetchBytes(path), path);
  };
  const [images, labels] = await Promise.all([load('images-idx3-ubyte'), load('labels-idx1-ubyte')]);
  if (images.length !== count * about.height * about.width || labels.length !== count)
    throw new Error(`The bundled data set "${about.id}" is incomplete. Reload the page.`);
  return { images, labels: Int32Array.from(labels), count };
}

/** The bytes of an IDX file. Servers may already have unpacked the gzip. */
async function valuesOf(buffer: ArrayBuffer, path: string): Promise<Uint8Array> {
  let bytes = new Uint8Array(buffer);
  if (isGzip(bytes)) bytes = await gunzip(new Blob([buffer]), bundledContext());
  const { shape } = parseIdx(bytes, path, path);
  return bytes.slice(4 + 4 * shape.length);
}

/** A context for bundled files: of its limits only the one on unpacked bytes applies. */
function bundledContext(): ImportContext {
  return new ImportContext({
    decodeImage: () => Promise.reject(new Error('A bundled set has no pictures to decode.')),
  });
}
