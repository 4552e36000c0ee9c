import type { HintId } from '../../distill/hints/abouts';
import type { KnobValue } from '../../distill/knobs';
import { methods } from '../../distill/methods/abouts';
import { defaultRecipe, knobAt, withValue, type Recipe } from '../../distill/recipe';
import type { TeacherKind } from '../../distill/teachers/abouts';
import type { WeightingId } from '../../distill/weighting/abouts';
import { examples, loadExample } from '../examples';
import * as edits from '../recipe/edits';
import type { Slice } from './state';

/** An example on the bench, as it was before anything was turned. */
export interface OpenExample {
  id: string;
  note: string;
  recipe: Recipe;
}

export interface RecipeSlice {
  /** The recipe on the bench: what Start will run. */
  recipe: Recipe;
  /** Example it was loaded from, and the note that came with it. */
  example: OpenExample | null;
  /** False until the first recipe (link or example) is there. */
  recipeReady: boolean;
  turn: (path: string, value: KnobValue) => void;
  setRecipe: (recipe: Recipe, example?: OpenExample | null) => void;
  rename: (title: string) => void;
  applyMethod: (id: string) => void;
  setTeacherKind: (kind: TeacherKind) => void;
  setWeighting: (id: WeightingId) => void;
  addHint: (id: HintId) => void;
  removeHint: (index: number) => void;
  /** @param edited whether it is the set of before, changed by hand: what the recipe does to its labels stays */
  setDataset: (id: string, edited?: boolean) => void;
  openExample: (id: string) => Promise<void>;
}

export const recipeSlice: Slice<RecipeSlice> =
  ({ training }) =>
  (set, get) => ({
    recipe: defaultRecipe(),
    example: null,
    recipeReady: false,

    turn: (path, value) => {
      const { recipe, active } = get();
      let next = withValue(recipe, path, value);
      if (path === 'material.halve') next = edits.withFittingTeacher(next);
      set({ recipe: next });
      if (active && knobAt(recipe, path)?.live) training.send({ type: 'turn', run: active, path, value });
    },

    setRecipe: (recipe, example = null) =>
      // A fresh recipe asks to be started, so the page turns from the last run to it.
      set(({ active, viewed }) => ({ recipe, example, recipeReady: true, viewed: active ? viewed : null })),
    rename: (title) => set(({ recipe }) => ({ recipe: { ...recipe, title } })),

    applyMethod: (id) => {
      const method = methods.find((known) => known.id === id);
      if (method) set(({ recipe }) => ({ recipe: edits.withFittingTeacher(method.apply(recipe)) }));
    },
    setTeacherKind: (kind) => set(({ recipe }) => ({ recipe: edits.withTeacherKind(recipe, kind) })),
    setWeighting: (id) => set(({ recipe }) => ({ recipe: edits.withWeighting(recipe, id) })),
    addHint: (id) => set(({ recipe }) => ({ recipe: edits.withHint(recipe, id) })),
    removeHint: (index) => set(({ recipe }) => ({ recipe: edits.withoutHint(recipe, index) })),
    setDataset: (id, edited = false) =>
      set(({ recipe, example, upload }) => {
        const next = edits.withDataset(recipe, id);
        // What an example says of its own images is not true of others.
        if (!example) return { recipe: next };
        const own = id === 'upload' && !edited;
        const title = (id === 'upload' ? upload?.title : null) ?? 'My recipe';
        return {
          recipe: { ...(own ? edits.withLabelsAsTheyAre(next, example.recipe) : next), title },
          example: null,
        };
      }),

    openExample: async (id) => {
      try {
        const { recipe, note, problems } = await loadExample(id);
        if (get().recipeReady) set(({ wantStart }) => ({ wantStart: wantStart + 1, recipeOpen: false }));
        get().setRecipe(recipe, { id, note, recipe });
        if (problems.length > 0) get().notifyProblems('The example was read with corrections', problems);
      } catch (error) {
        set({ recipeReady: true });
        const title = examples.find((example) => example.id === id)?.title ?? id;
        get().notify({
          tone: 'warning',
          title: `“${title}” could not be opened`,
          text: `${error instanceof Error ? error.message : String(error)} The recipe on the page is unchanged.`,
        });
      }
    },
  });
