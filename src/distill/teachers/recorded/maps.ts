/** Which inner features of a recorded teacher lie beside its answers, as a recipe says it: "28x28x16 14x14x32 | 64". */
import { outputOnly, type TraceShapes } from '../../about';

/** Stages, then "|" and the vector before the classifier; "" for answers alone. */
interface RecordedShapes {
  stages: readonly (readonly number[])[];
  /** [] for none */
  embedding: readonly number[];
}

export const mostStages = 16;

const sides = String.raw`\d{1,4}(x\d{1,5}){0,2}`;
const pattern = new RegExp(String.raw`^(${sides}( ${sides}){0,${mostStages - 1}})?( ?\| \d{1,6})?$`);

export const mapsProblem = (text: string): string | null =>
  pattern.test(text) ? null : 'must be sides such as “14x14x32 | 64”';

export function mapsText({ stages, embedding }: RecordedShapes): string {
  const sides = stages.map((shape) => shape.join('x')).join(' ');
  return embedding.length > 0 ? `${sides}${sides && ' '}| ${embedding[0]}` : sides;
}

/** What such a teacher shows; its first stage also stands for the first layer. @param text as `mapsText` writes it */
export function recordedTrace(text: string): TraceShapes {
  if (text === '') return outputOnly;
  const [maps = '', vector = ''] = text.split('|');
  const stages = maps.trim() === '' ? [] : maps.trim().split(' ');
  const shapes = stages.map((one) => one.split('x').map(Number));
  return {
    stem: shapes[0] ?? [],
    stages: shapes,
    embedding: vector === '' ? [] : [Number(vector)],
    onlyActivated: true,
  };
}
