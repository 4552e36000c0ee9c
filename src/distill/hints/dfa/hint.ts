import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import { mapName } from '../../../nn/map-groups';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import type { RandomStream } from '../../../random/streams';
import type { ValuesOf } from '../../knobs';
import { leavingValuesOf } from '../leaving-values';
import type { HintContext, HintFactory } from '../hint';
import { activityPanels } from '../method-views';
import { sumOf } from '../sums';
import { searchStepsOf, type dfaKnobs } from './about';
import { commonGroups } from './groups';
import { aggregate, mixWeights, toTeacherLosses } from './loss';
import { mapLabel, mapsOf, Search } from './search';

/** First betas of a group of `maps`: of the given mix, or of all alike where it is searched. */
function firstBeta(mix: ValuesOf<typeof dfaKnobs>['mix'], maps: number, random: RandomStream): number[] {
  const places = [...new Array(maps).keys()];
  // With 60 against -60 the softmax is exactly 1 and 0 in 32 bits.
  const only = (place: number) => places.map((j) => (j === place ? 60 : -60));
  switch (mix) {
    case 'first':
      return only(0);
    case 'last':
      return only(maps - 1);
    case 'random':
      // Exponential numbers divided by their sum: uniform over all mixes.
      return places.map(() => Math.log(-Math.log(1 - random.uniform()) + 1e-12));
    default:
      return places.map(() => 0);
  }
}

/** Feature distillation by a mix of the teacher's maps, which a search before the student's own training may find. */
export const createDfa: HintFactory<typeof dfaKnobs> = (setup) => {
  const { pair, knobs, random, scope } = setup;
  const common = commonGroups(pair);
  const { parameters } = describeModule((ops) => {
    for (const { group, sides, channels } of common)
      ops.conv([...sides, channels.student], {
        ...{ name: `connector${group}`, filters: channels.teacher, kernel: 1 },
      });
  }, []);
  const module = Module.create(parameters, random, scope);
  const groups = common.map((of) => ({
    of,
    beta: variableOf(
      () => tf.tensor1d(firstBeta(knobs.mix, of.maps, random)),
      false,
      `${scope}/beta${of.group}`,
    ),
  }));
  const searched = groups.filter(({ of }) => of.maps > 1);
  const search = searchStepsOf(knobs) > 0 && searched.length > 0 ? new Search(searched, setup) : null;

  /** Per common group the mix and the student's map in the teacher's channels. */
  const pairsOf = (student: Trace, teacher: Trace, { training }: HintContext<typeof dfaKnobs>) => {
    const ops = module.ops({ training });
    return groups.map(({ of, beta }) => ({
      mixed: aggregate(mapsOf(teacher, of), mixWeights(beta)),
      translated: ops.conv(student.stages[of.stage]!, {
        ...{ name: `connector${of.group}`, filters: of.channels.teacher, kernel: 1 },
      }),
    }));
  };
  return {
    module,
    parts: common.flatMap(({ group, maps }) =>
      Array.from({ length: maps }, (_, j) => `more/${mapName(group, j)}` as const),
    ),
    leaves: async () => [
      ...(await leavingValuesOf({
        '': module,
        ...Object.fromEntries(groups.map(({ of, beta }) => [`beta${of.group}`, beta])),
      })),
      ...((await search?.leaves()) ?? []),
    ],
    memory: [...groups.map(({ beta }) => beta), ...(search?.variables ?? [])],
    ...(search ? { optimisers: [search.optimiser], inputs: search.inputs, prelude: search.prelude } : {}),
    losses: (student, teacher, context) =>
      sumOf(
        pairsOf(student, teacher, context).map(({ mixed, translated }) => toTeacherLosses(mixed, translated)),
      ),
    view: (student, teacher, context) => {
      const { mixed, translated } = pairsOf(student, teacher, context).at(-1)!;
      const shown = search ? searched : groups;
      const rows = search ? search.course.steps.map((step) => `Step ${step}`) : ['Mix'];
      const weights: Tensor = search
        ? search.course.weights.clone()
        : tf.expandDims(tf.concat(shown.map(({ beta }) => mixWeights(beta) as Tensor1D)), 0);
      return {
        line: search
          ? 'How much of each of the teacher’s maps the mix takes, over the search: 1.2 is the second map of the first group. The maps below are of the last group.'
          : 'How much of each of the teacher’s maps the given mix takes: 1.2 is the second map of the first group. The maps below are of the last group.',
        panels: [
          {
            label: search ? 'Mix over the search' : 'Mix',
            who: null,
            kind: 'levels',
            rows,
            columns: shown.flatMap(({ of }) => Array.from({ length: of.maps }, (_, j) => mapLabel(of, j))),
            values: weights,
          },
          ...activityPanels('Mixed maps', translated as Tensor4D, mixed as Tensor4D),
        ],
      };
    },
    dispose: () => {
      search?.dispose();
      groups.forEach(({ beta }) => beta.dispose());
      module.dispose();
    },
  };
};
