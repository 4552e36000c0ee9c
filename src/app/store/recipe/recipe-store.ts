/** The recipe that Start will run. Uses the view store and the library store. */
import { createStore, type StoreApi } from 'zustand';
import type { HintId } from '../../../distill/hints/abouts';
import type { KnobValue, KnobValues } from '../../../distill/knobs';
import { methods } from '../../../distill/methods/abouts';
import { defaultRecipe, knobAt, withValue, type Recipe } from '../../../distill/recipe';
import type { TeacherKind } from '../../../distill/teachers/abouts';
import type { WeightingId } from '../../../distill/weighting/abouts';
import { examples, loadExample } from '../../examples';
import { changesBetween } from '../../recipe/diff';
import * as edits from '../../recipe/edits';
import type { LibraryState } from '../library/library-store';
import type { Reader, Services } from '../services';
import type { ViewState } from '../view/view-store';
import { sentenceOf } from '../../../limits/texts';

/** The open example, as it was before any change. */
export interface OpenExample {
  id: string;
  recipe: Recipe;
}

export interface RecipeState {
  /** The current recipe: what Start will run. */
  recipe: Recipe;
  /** Example it was made from, where the page knows it. */
  example: OpenExample | null;
  /** False until the first recipe (link or example) is there. */
  recipeReady: boolean;
  turn: (path: string, value: KnobValue) => void;
  /** The recipe as it came; what differs from it was turned by hand and is in no run yet. */
  cameAs: Recipe | null;
  /** Makes a recipe the current one. One that was changed by hand since it came can be restored. */
  setRecipe: (recipe: Recipe, example?: OpenExample | null) => void;
  /** Offers the current recipe again, where another takes its place that is not the same. */
  offerRecipeBack: (next: Recipe) => void;
  rename: (title: string) => void;
  applyMethod: (id: string) => void;
  setTeacherKind: (kind: TeacherKind) => void;
  setWeighting: (id: WeightingId) => void;
  addHint: (id: HintId) => void;
  removeHint: (index: number) => void;
  /**
   * Trains on another data set.
   * @param title of the user's own images, if there are any
   * @param edited whether it is the same set, changed by hand: what the recipe does to its labels stays
   */
  chooseDataset: (id: string, title: string | null, edited: boolean) => void;
  /** Puts other networks in place of a pair that does not fit the images, shows a notice, and offers the pair back. */
  replacePair: (next: Recipe) => void;
  /** Sets knobs together, by path. */
  setKnobs: (values: Record<string, KnobValue>) => void;
  /** A run has the recipe now: what is changed from here on is in no run yet. */
  markStarted: () => void;
  /** Takes the recipe of a run that goes on, because live knobs change the run. */
  followRun: (recipe: Recipe) => void;
  openExample: (id: string) => Promise<void>;
}

interface RecipeContext extends Services {
  view: Reader<ViewState>;
  library: Reader<LibraryState>;
}

export function createRecipeStore({ training, view, library }: RecipeContext): StoreApi<RecipeState> {
  return createStore<RecipeState>()((set, get) => {
    /** For a recipe that came by link, file or run: what its example was before anything was turned. */
    const recallExample = async (id: string) => {
      if (!examples.some((known) => known.id === id)) return;
      // Without it the page only cannot say what was changed.
      const loaded = await loadExample(id).catch(() => null);
      if (loaded && get().recipe.example === id && !get().example)
        set({ example: { id, recipe: loaded.recipe } });
    };
    /** Knobs of the kinds of teachers and weightings that were left: to go there and back changes nothing. */
    const left = new Map<string, KnobValues>();
    const leave = ({ teacher, weighting }: Recipe) =>
      left.set(teacher.kind, teacher.knobs).set(weighting.id, weighting.knobs);
    /** @param after what became of the recipe `before`; a kind of teacher that is back has the knobs it had */
    const withOwnTeacher = (before: Recipe, after: Recipe): Recipe => {
      const { kind, knobs } = after.teacher;
      const known = before.teacher.kind === kind ? undefined : left.get(kind);
      const isFirst = JSON.stringify(knobs) === JSON.stringify(edits.firstTeacher(kind).knobs);
      leave(before);
      return edits.withFittingTeacher(
        known && isFirst ? { ...after, teacher: { kind, knobs: known } } : after,
      );
    };
    return {
      recipe: defaultRecipe(),
      cameAs: null,
      example: null,
      recipeReady: false,

      turn: (path, value) => {
        const { recipe } = get();
        const { active } = library.getState();
        let next = withValue(recipe, path, value);
        if (path === 'material.halve') next = edits.withFittingTeacher(next);
        set({ recipe: next });
        if (active && knobAt(recipe, path)?.live) training.tell({ type: 'turn', run: active, path, value });
      },

      setRecipe: (recipe, example = null) => {
        get().offerRecipeBack(recipe);
        left.clear();
        // A fresh recipe asks to be started, so the page turns from the last run to it.
        if (!library.getState().active) view.getState().show(null);
        set({ recipe, example, cameAs: recipe, recipeReady: true });
        if (!example) void recallExample(recipe.example);
      },
      offerRecipeBack: (next) => {
        const { recipe, example, cameAs } = get();
        const isSame = (one: Recipe) => JSON.stringify(one) === JSON.stringify(recipe);
        if (!cameAs || isSame(cameAs) || isSame(next)) return;
        const undo = () => {
          // A run that is going needs the recipe that its live knobs turn.
          if (library.getState().active) offer();
          else get().setRecipe(recipe, example);
        };
        const offer = () =>
          view.getState().notify({
            tone: 'info',
            title: 'Another recipe took its place',
            text: `“${recipe.title}” had been changed by hand. It can be restored while no run is in progress.`,
            action: { label: 'Restore it', act: undo },
          });
        offer();
      },
      rename: (title) => set(({ recipe }) => ({ recipe: { ...recipe, title } })),

      applyMethod: (id) => {
        const method = methods.find((known) => known.id === id);
        if (method) set(({ recipe }) => ({ recipe: withOwnTeacher(recipe, method.apply(recipe)) }));
      },
      setTeacherKind: (kind) =>
        set(({ recipe }) => {
          if (recipe.teacher.kind === kind) return {};
          return { recipe: withOwnTeacher(recipe, { ...recipe, teacher: edits.firstTeacher(kind) }) };
        }),
      setWeighting: (id) =>
        set(({ recipe }) => {
          const known = recipe.weighting.id === id ? undefined : left.get(id);
          leave(recipe);
          return {
            recipe: known ? { ...recipe, weighting: { id, knobs: known } } : edits.withWeighting(recipe, id),
          };
        }),
      addHint: (id) => set(({ recipe }) => ({ recipe: edits.withHint(recipe, id) })),
      removeHint: (index) => set(({ recipe }) => ({ recipe: edits.withoutHint(recipe, index) })),
      chooseDataset: (id, title, edited) =>
        set(({ recipe, example }) => {
          const next = edits.withDataset(recipe, id);
          // The note of an example describes its own images.
          if (!example && recipe.example === '') return { recipe: next };
          const unexplained = { ...next, note: '', example: '' };
          const own = id === 'upload' && !edited && example;
          return {
            recipe: {
              ...(own ? edits.withLabelsAsTheyAre(unexplained, example.recipe) : unexplained),
              title: (id === 'upload' ? title : null) ?? 'My recipe',
            },
            example: null,
          };
        }),
      replacePair: (next) => {
        const { recipe } = get();
        set({ recipe: next });
        const changes = changesBetween(recipe, next);
        const keep = () =>
          set(({ recipe: now }) => ({
            recipe: withValue({ ...now, teacher: recipe.teacher }, 'student.network', recipe.student.network),
          }));
        view.getState().notify({
          tone: 'info',
          title: 'Networks that suit these data',
          text: `${changes.map(({ label, from, to }) => `${label}: ${to} instead of ${from}`).join('. ')}. The previous pair did not fit these data or was too close in size.`,
          action: { label: 'Keep the previous pair', act: keep },
        });
      },
      setKnobs: (values) =>
        set(({ recipe }) => ({
          recipe: Object.entries(values).reduce(
            (next, [path, value]) => withValue(next, path, value),
            recipe,
          ),
        })),
      markStarted: () => set(({ recipe }) => ({ cameAs: recipe })),
      followRun: (recipe) => {
        get().offerRecipeBack(recipe);
        set({ recipe, example: null, cameAs: recipe, recipeReady: true });
      },

      openExample: async (id) => {
        try {
          const { recipe, problems } = await loadExample(id);
          if (get().recipeReady) view.getState().wantStartFocus();
          get().setRecipe(recipe, { id, recipe });
          if (problems.length > 0)
            view.getState().notifyProblems('The example was read with corrections', problems);
        } catch (error) {
          set({ recipeReady: true });
          const title = examples.find((example) => example.id === id)?.title ?? id;
          view.getState().notify({
            tone: 'warning',
            title: `“${title}” could not be opened`,
            text: `${sentenceOf(error)} The recipe on the page is unchanged.`,
          });
        }
      },
    };
  });
}
