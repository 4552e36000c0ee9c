/** A teacher's answers as they leave: a table for each part of its trace, and what `teachers/recorded.py` reads of them. */
import { writeSafetensors, type StoredArray } from '../../nn/safetensors';
import type { LeavingAnswers } from '../../training/export-bundle';

const file = 'teacher-answers.safetensors';

/** [N,...shape] by the name of the part ("stages.0"). Parts of the same values are one table. */
function tablesOf({ parts }: LeavingAnswers): {
  tables: StoredArray[];
  nameOf: (part: string) => string | null;
} {
  const first = parts.filter(({ values }, i) => parts.findIndex((other) => other.values === values) === i);
  const nameIn = (part: string) => part.replace('/', '.');
  const tables = first.map(({ part, shape, values }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return { name: nameIn(part), shape: [values.length / size, ...shape], data: values };
  });
  const nameOf = (part: string) => {
    const found = parts.find((one) => one.part === part);
    return found ? nameIn(first.find(({ values }) => values === found.values)!.part) : null;
  };
  return { tables, nameOf };
}

/** For `recipe.json`; a part that no loss reads has no table and is null. */
export function describeAnswers(answers: LeavingAnswers) {
  const { train, test, members, stages, isOfPlainImages } = answers;
  const { nameOf } = tablesOf(answers);
  return {
    ...{ train, test, weights: file, isOfPlainImages },
    trace: {
      ...{ logits: nameOf('logits'), embedding: nameOf('embedding'), stem: nameOf('stem') },
      stages: Array.from({ length: stages }, (_, k) => nameOf(`stages/${k}`)),
    },
    members: members.map((name) => nameOf(`more/${name}`)!),
  };
}

export const answersFiles = (answers: LeavingAnswers): Record<string, Uint8Array<ArrayBuffer>> => ({
  [`weights/${file}`]: writeSafetensors(tablesOf(answers).tables),
});
