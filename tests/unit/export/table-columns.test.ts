/** What a saved network of a table says of its columns is enough to feed it a row of the file. */
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import { onlyView } from '../../../src/data/dataset';
import { modelFile } from '../../../src/export/model-file';
import { aboutFromMetadata } from '../../../src/nn/weights-about';
import { readSafetensorsMetadata } from '../../../src/nn/safetensors';
import { useWasm } from '../../support/wasm-in-node';
import { file, loadedSet } from '../data/builders';
import { ofType, tinyRecipe, train } from '../training/tiny';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

const rows = Array.from({ length: 60 }, (_, row) => [
  `p${row}`,
  ['Biscoe', 'Dream', ''][row % 3]!,
  row % 7 ? String(180 + (row % 11)) : 'NA',
  String(row / 4),
  row % 2 ? 'a' : 'b',
  row < 48 ? 'train' : 'test',
]);
const csv = [['id', 'island', 'flipper', 'beak', 'species', 'split'], ...rows]
  .map((row) => row.join())
  .join('\n');

/** As `file_columns_are` says. */
type FileColumn =
  | { name: string; use: 'number'; median: number | null }
  | { name: string; use: 'category'; values: string[]; gaps: boolean }
  | { name: string; use: 'left out' };

function numbersOf(columns: readonly FileColumn[], cells: ReadonlyMap<string, string>): number[] {
  return columns.flatMap((column) => {
    const cell = cells.get(column.name)!;
    const isGap = cell === '' || cell === 'NA';
    if (column.use === 'left out') return [];
    if (column.use === 'number')
      return column.median === null ? [Number(cell)] : [isGap ? column.median : Number(cell), isGap ? 1 : 0];
    const values = column.values.map((value) => Number(value === cell));
    return column.gaps ? [...values, isGap ? 1 : 0] : values;
  });
}

test('a row of the file becomes the input of the network by what the saved network says', async () => {
  const { dataset } = await loadedSet([file('birds.csv', csv)]);
  const recipe = tinyRecipe({
    teacher: { kind: 'none' },
    hints: [],
    student: { network: 'mlp-8' },
    schedule: { steps: 20, batch: 12, evaluateEvery: 20, learningRate: 0.02 },
  });
  const { run, events } = await train(recipe, dataset);
  const safetensors = new Uint8Array((await run.weights('student'))!);
  run.dispose();
  const onnx = modelFile(
    'onnx',
    safetensors,
    { learner: 'student', run: 'A test' },
    { foldBatchNorm: true, feed: 'pixels' },
    'model',
  );
  const bytes = new Uint8Array(await onnx.blob.arrayBuffer());
  const metadata = readSafetensorsMetadata(safetensors);
  // The ONNX file carries the same text.
  expect(new TextDecoder().decode(bytes)).toContain(metadata['file_columns']);
  const columns = JSON.parse(metadata['file_columns']!) as FileColumn[];
  expect(columns).toMatchObject([
    { name: 'id', use: 'left out' },
    { name: 'island', use: 'category', values: ['Biscoe', 'Dream'], gaps: true },
    { name: 'flipper', use: 'number', median: 184 },
    { name: 'beak', use: 'number', median: null },
  ]);

  const titles = ['id', 'island', 'flipper', 'beak'];
  const raw = rows.slice(48).map((row) => new Map(titles.map((title, i) => [title, row[i]!])));
  const vectors = raw.flatMap((cells) => numbersOf(columns, cells));
  expect(vectors).toEqual([...dataset.test.inputs[onlyView]!.values]);

  const { mean, deviation } = aboutFromMetadata(metadata).normalisation!;
  expect([mean, deviation].map((each) => (each as number[]).length)).toEqual([6, 6]);
  const session = await ort.InferenceSession.create(bytes);
  const { logits } = await session.run({
    columns: new ort.Tensor('float32', Float32Array.from(vectors), [12, 6]),
  });
  const { predicted, rows: order } = ofType(events, 'evaluation').at(-1)!.samples!;
  const given = logits!.data as Float32Array;
  expect(Array.from(order, (row) => Number(given[2 * row + 1]! > given[2 * row]!))).toEqual([
    ...predicted.student!,
  ]);
  await session.release();
});
