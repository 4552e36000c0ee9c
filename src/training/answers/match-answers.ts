/** From parts of files to the answers of each teacher for every row of a set. */
import type { TargetSpec } from '../../data/dataset';
import { mostRecorded } from '../../distill/teachers/recorded/about';
import { answerKindNames, AnswersProblem, counted, type AnswerKind, type AnswerPart } from './answer-parts';
import { kindOf, kindProblem, refuseMissing, spreadTop, type KnownAnswers } from './answer-kind';
import { columnsFor } from './match-columns';
import { placesOf, type SetRows } from './place-rows';

export interface AnsweredSet extends SetRows {
  target: TargetSpec;
}

/** The answers of one teacher, in the set's order of rows and outputs. */
export interface MatchedAnswers {
  /** Of its files; "" where these name none. */
  name: string;
  /** [(train+test)*outputs] as in the file */
  values: Float64Array;
  /** Whether the test split has answers; the training split always has. */
  hasTest: boolean;
  kind: AnswerKind;
  /** What its numbers can be. */
  kinds: AnswerKind[];
  /** How rows and columns were matched, sentences. */
  notes: string[];
}

/** @throws AnswersProblem with a sentence: counts, and an example */
export function matchAnswers(parts: readonly AnswerPart[], set: AnsweredSet): MatchedAnswers[] {
  const teachers = new Map<string, Placed[]>();
  for (const part of parts) {
    const own = teachers.get(part.teacher) ?? [];
    own.push(placed(part, set));
    teachers.set(part.teacher, own);
  }
  const groups = joinedSplits([...teachers.values()], set);
  if (groups.length > mostRecorded)
    throw new AnswersProblem(
      `These files hold the answers of ${groups.length} teachers; at most ${mostRecorded} can teach together. Take fewer.`,
    );
  return groups.map((group) => answersOf(group, set));
}

interface Placed {
  part: AnswerPart;
  places: Int32Array;
  how: string;
}

function placed(part: AnswerPart, set: AnsweredSet): Placed {
  refuseTransposed(part, set.target.names.length);
  return { part, ...placesOf(part, set) };
}

const covers = (own: readonly Placed[], { train }: SetRows) => ({
  train: own.some(({ places }) => places.some((place) => place >= 0 && place < train)),
  test: own.some(({ places }) => places.some((place) => place >= train)),
});

/** Two files of different names, one for each split, are one teacher. */
function joinedSplits(groups: Placed[][], set: SetRows): Placed[][] {
  const [first, second] = groups;
  if (groups.length !== 2 || !first || !second) return groups;
  const [a, b] = [covers(first, set), covers(second, set)];
  return a.train !== b.train && a.test !== b.test ? [[...first, ...second]] : groups;
}

function answersOf(group: readonly Placed[], set: AnsweredSet): MatchedAnswers {
  const { target, train, test } = set;
  const outputs = target.names.length;
  const values = new Float64Array((train + test) * outputs);
  const filled = new Int32Array(train + test).fill(-1);
  const notes: string[] = [];
  const kinds: { kind: AnswerKind; possible: AnswerKind[] }[] = [];
  for (const [g, { part, places, how }] of group.entries()) {
    const read = columnsOf(part, target);
    notes.push(how, ...read.notes);
    kinds.push(read);
    places.forEach((place, row) => {
      if (place < 0) return;
      if (filled[place]! >= 0)
        throw new AnswersProblem(
          `${part.where} and ${group[filled[place]!]!.part.where} both hold answers for ${placeText(place, set)}. If they are of two teachers, give them different names.`,
        );
      filled[place] = g;
      values.set(read.values.subarray(row * outputs, (row + 1) * outputs), place * outputs);
    });
  }
  const { part } = group[0]!;
  const missingTest = refuseGaps(group[0]!.part, filled, set);
  const [first] = kinds;
  const other = kinds.find(({ kind }) => kind !== first!.kind);
  if (other)
    throw new AnswersProblem(
      `${part.where} holds ${answerKindNames[first!.kind]}, and another file of the same teacher ${answerKindNames[other.kind]}. Save all of them the same way.`,
    );
  return {
    name: part.teacher,
    values,
    hasTest: !missingTest,
    kind: first!.kind,
    kinds: first!.possible.filter((kind) => kinds.every(({ possible }) => possible.includes(kind))),
    notes,
  };
}

function placeText(place: number, { train, names }: SetRows): string {
  if (names) return `“${names[place]}”`;
  return place < train ? `training instance ${place}` : `test instance ${place - train}`;
}

/** @returns whether the test split has no answers at all */
function refuseGaps({ where }: AnswerPart, filled: Int32Array, set: SetRows): boolean {
  const splits = [
    { name: 'training', from: 0, count: set.train },
    { name: 'test', from: set.train, count: set.test },
  ].map((split) => {
    const empty = filled.subarray(split.from, split.from + split.count);
    return {
      ...split,
      missing: empty.filter((part) => part < 0).length,
      first: split.from + empty.indexOf(-1),
    };
  });
  const [train, test] = splits as [(typeof splits)[0], (typeof splits)[0]];
  if (train.missing === train.count)
    throw new AnswersProblem(
      `${where} holds answers for the test split alone. The student learns from the training split: bring the answers for its ${counted(train.count)} instances too.`,
    );
  const partial = [train, ...(test.missing === test.count ? [] : [test])].find(({ missing }) => missing > 0);
  if (partial)
    throw new AnswersProblem(
      `${where} has no answers for ${counted(partial.missing)} of the ${counted(partial.count)} ${partial.name} instances, such as ${placeText(partial.first, set)}. Each needs one row.`,
    );
  return test.count > 0 && test.missing === test.count;
}

/** Columns in the order of the set's outputs, with what the numbers are. */
function columnsOf(
  part: AnswerPart,
  target: TargetSpec,
): { values: Float64Array; kind: AnswerKind; possible: AnswerKind[]; notes: string[] } {
  const { where, rows, width, top } = part;
  const outputs = target.names.length;
  const rowText = (row: number) => {
    const { key } = part;
    return key?.kind === 'name' ? `“${key.values[row]}”` : `row ${row + 1}`;
  };
  const raw: KnownAnswers = { where, values: part.values, width, rowText };
  refuseMissing(raw);
  if (top) {
    if (target.kind !== 'class')
      throw new AnswersProblem(`${where} holds top classes, and this set’s targets are no classes.`);
    const values = spreadTop(raw, top, outputs, part.kind);
    const note = `Only the top ${width} classes of a row are given; the rest of the probability is spread evenly over the other ${outputs - width}.`;
    return { values, kind: 'probabilities', possible: ['probabilities'], notes: [note] };
  }
  const { order, how } = columnsFor(part, target.names);
  const values = Float64Array.from(
    { length: rows * outputs },
    (_, i) => part.values[Math.floor(i / outputs) * width + order[i % outputs]!]!,
  );
  const known = { ...raw, values, width: outputs };
  const kind = kindOf(known, part.kind, target.kind);
  const possible = (['logits', 'log-probabilities', 'probabilities'] as const).filter(
    (one) => kindProblem(known, one, target.kind) === null,
  );
  return { values, kind, possible, notes: [how] };
}

function refuseTransposed({ where, rows, width, columns }: AnswerPart, outputs: number): void {
  if (rows !== outputs || width === outputs || columns) return;
  throw new AnswersProblem(
    `${where} is ${rows} × ${counted(width)}: it seems to hold one column for each instance. Save its transpose, with one row for each instance and ${outputs} columns.`,
  );
}
