import { useEffect, useRef, useState } from 'react';
import type { ImageSet } from '../../storage/image-set';
import { paint, type ImageStack } from '../data/pixels';
import { useData } from '../store/hooks';
import { meanImage } from './mean-image';
import { shownSize } from './one-image';

/** The mean of some images of a set; blank until it is worked out. */
export function MeanImage({
  dataset,
  images,
  size,
}: {
  dataset: ImageSet;
  images: readonly number[];
  size: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const rescue = useData((state) => state.rescueSet);
  const [mean, setMean] = useState<ImageStack | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    meanImage(dataset, images, abort.signal).then(
      (found) => {
        if (!abort.signal.aborted) setMean(found);
      },
      () => void rescue(),
    );
    return () => abort.abort();
  }, [dataset, images, rescue]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !mean) return;
    const picture = context.createImageData(mean.width, mean.height);
    paint(picture, mean, 0, 0, 0);
    context.putImageData(picture, 0, 0);
  }, [mean]);
  return (
    <canvas
      ref={canvas}
      className="pixels"
      aria-hidden="true"
      width={dataset.width}
      height={dataset.height}
      style={shownSize(dataset, size)}
    />
  );
}
