/** How far apart two distributions over the classes are, for the images of a method's view. */
import type { MethodViewPanel } from '../../distill/views';

export interface Distance {
  /** The mass that would have to move, 0..1. */
  variation: number;
  /** Kullback-Leibler divergence from the teacher to the student, in nats; what soft targets train. */
  divergence: number;
}

/** @param panels of distributions [N,C]: the teacher's (or the target) and the student's, in any order */
export function distanceOf(panels: readonly MethodViewPanel[], row: number): Distance {
  const student = panels.find(({ who }) => who === 'student') ?? panels[1]!;
  const teacher = panels.find((panel) => panel !== student)!;
  const size = student.shape[1]!;
  const distance = { variation: 0, divergence: 0 };
  for (let label = 0; label < size; label++) {
    const [p, q] = [teacher.values[row * size + label]!, student.values[row * size + label]!];
    distance.variation += Math.abs(p - q) / 2;
    // A probability that was rounded to zero would make it endless.
    if (p > 0) distance.divergence += p * Math.log(p / Math.max(q, 1e-12));
  }
  return distance;
}

/** Both distances, on average over all images. */
export function meanDistance(panels: readonly MethodViewPanel[]): Distance {
  const images = panels[0]!.shape[0]!;
  const sum = { variation: 0, divergence: 0 };
  for (let row = 0; row < images; row++) {
    const { variation, divergence } = distanceOf(panels, row);
    sum.variation += variation;
    sum.divergence += divergence;
  }
  const count = Math.max(1, images);
  return { variation: sum.variation / count, divergence: sum.divergence / count };
}
