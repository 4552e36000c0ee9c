/** Inner features of a recorded teacher: a file beside its answers, with a row for each instance of the set. */
import type { Dataset } from '../../data/dataset';
import type { TracePart } from '../../distill/hints/hint';
import { mapsText, mostStages } from '../../distill/teachers/recorded/maps';
import type { WeightFile } from '../../nn/read-weights';
import { readSafetensors } from '../../nn/safetensors';
import type { RecordedPart } from '../teachers/recorded-teacher';
import { AnswersProblem } from './answer-parts';

/** Of its name. It holds `stages.0`, `stages.1`, … [N,h,w,c], [N,tokens,d] or [N,d], and `embedding` [N,d]. */
export const mapsEnding = '.maps.safetensors';

const isMaps = ({ path }: WeightFile) => path.endsWith(mapsEnding);

/** The files of answers, and that of inner features. */
export function splitMaps(files: readonly WeightFile[]): { answers: WeightFile[]; maps: WeightFile | null } {
  return { answers: files.filter((file) => !isMaps(file)), maps: files.find(isMaps) ?? null };
}

/** Its parts; the first stage is the first layer too. @throws AnswersProblem with a sentence where it is not of this set */
export function readMaps({ path, bytes }: WeightFile, { train, test }: Dataset): RecordedPart[] {
  const rows = train.count + test.count;
  const found = readSafetensors(bytes).map(({ name, shape, data }): RecordedPart => {
    if (!/^(stages\.\d+|embedding)$/.test(name))
      throw new AnswersProblem(`“${path}” holds “${name}”; features are called “stages.0” or “embedding”.`);
    if (shape[0] !== rows)
      throw new AnswersProblem(
        `“${path}” holds features of ${shape[0] ?? 0} instances, and this set has ${rows}. They are of another set: choose the model again.`,
      );
    return { part: name.replace('.', '/') as TracePart, shape: shape.slice(1), values: data };
  });
  const inOrder = found.toSorted((a, b) => order(a) - order(b));
  const stages = inOrder.filter(({ part }) => part !== 'embedding');
  if (stages.length > mostStages || stages.some((stage, place) => order(stage) !== place))
    throw new AnswersProblem(
      `“${path}” holds the stages ${stages.map(order).join(', ')}; they are numbered from 0 without gaps, at most ${mostStages}.`,
    );
  const [first] = stages;
  return first ? [...inOrder, { ...first, part: 'stem' }] : inOrder;
}

const order = ({ part }: RecordedPart) => (part === 'embedding' ? Infinity : Number(part.split('/')[1]));

/** As a recipe says it. */
export function mapsTextOf(parts: readonly RecordedPart[]): string {
  return mapsText({
    stages: parts.filter(({ part }) => part.startsWith('stages/')).map(({ shape }) => shape),
    embedding: parts.find(({ part }) => part === 'embedding')?.shape ?? [],
  });
}
