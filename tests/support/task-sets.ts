/** Small sets of other tasks and modalities, drawn: a table with classes, hands with an angle, several labels at once. */
import { onlyView, type Column, type Dataset, type Split } from '../../src/data/dataset';
import { pictureMakers } from '../../src/data/drawn/pictures';
import { RandomStream } from '../../src/random/streams';

const column = (values: Column['values'], ...shape: number[]): Column => ({ values, shape });

function splitOf(count: number, input: Column, targets: Column): Split {
  return { count, inputs: { [onlyView]: input }, targets, known: new Uint8Array(count).fill(1) };
}

/** Rows of a table around the centre of their class. */
export function blobs(classes = 3, columns = 4, perClass = 40): Dataset {
  const random = RandomStream.fork(5, 'generate/blobs');
  const centres = Array.from({ length: classes * columns }, () => 2.5 * random.normal());
  const split = (count: number): Split => {
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
    const values = new Float32Array(count * columns);
    labels.forEach((label, row) => {
      for (let c = 0; c < columns; c++)
        values[row * columns + c] = 100 * c + (c + 1) * (centres[label * columns + c]! + random.normal());
    });
    return splitOf(count, column(values, columns), column(labels));
  };
  return {
    id: 'upload',
    title: 'Blobs',
    task: 'classification',
    inputs: { [onlyView]: { kind: 'vector', names: Array.from({ length: columns }, (_, c) => `x${c + 1}`) } },
    target: { kind: 'class', names: Array.from({ length: classes }, (_, c) => `class ${c + 1}`) },
    train: split(classes * perClass),
    test: split(classes * 20),
  };
}

/** Clock hands of so many pixels a side; the target is the angle in degrees. */
export function hands(count = 200, side = 12): Dataset {
  const split = (size: number, stream: string): Split => {
    const random = RandomStream.fork(5, stream);
    const pixels = new Uint8Array(size * side * side);
    const angles = new Float32Array(size);
    for (let n = 0; n < size; n++) {
      const u = Array.from({ length: 6 }, () => random.uniform());
      angles[n] = 90 * u[0]!;
      pictureMakers.hand
        .draw(u, side)
        .forEach((value, p) => (pixels[n * side * side + p] = Math.round(255 * value)));
    }
    return splitOf(size, column(pixels, side, side, 1), column(angles, 1));
  };
  return {
    id: 'upload',
    title: 'Hands',
    task: 'regression',
    inputs: { [onlyView]: { kind: 'image', height: side, width: side, channels: 1 } },
    target: { kind: 'number', names: ['angle'], units: ['°'] },
    train: split(count, 'generate/hand'),
    test: split(80, 'generate/hand/test'),
  };
}

/** Rows of a table whose labels each hold where a sum of two columns is above zero. */
export function labelledRows(count = 160, labels = 3): Dataset {
  const columns = labels + 1;
  const split = (size: number, stream: string): Split => {
    const random = RandomStream.fork(5, stream);
    const values = Float32Array.from({ length: size * columns }, () => random.normal());
    const present = Uint8Array.from({ length: size * labels }, (_, i) => {
      const [row, k] = [Math.floor(i / labels), i % labels];
      return values[row * columns + k]! + values[row * columns + k + 1]! > 0 ? 1 : 0;
    });
    return splitOf(size, column(values, columns), column(present, labels));
  };
  return {
    id: 'upload',
    title: 'Labelled rows',
    task: 'multilabel',
    inputs: { [onlyView]: { kind: 'vector', names: Array.from({ length: columns }, (_, c) => `x${c + 1}`) } },
    target: { kind: 'labels', names: Array.from({ length: labels }, (_, k) => `label ${k + 1}`) },
    train: split(count, 'generate/labels'),
    test: split(80, 'generate/labels/test'),
  };
}
