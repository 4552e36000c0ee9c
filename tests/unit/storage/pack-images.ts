import { datasetOfImages, type LabelledImages } from '../../../src/data/labelled-images';
import { packSet, type PackedSet } from '../../../src/storage/set-handle';

export function packImages(images: LabelledImages): Promise<PackedSet> {
  return packSet(datasetOfImages(images));
}
