import { examples } from './examples';
import { recipeFromHash, recipeToHash } from './recipe/link';
import type { Session } from './store/session';
import { lostByLeaving } from './store/unsaved';

/** Everything that happens once, beside rendering: the first recipe, the address bar, the cost sheet, the backend. */
export function openPage({ store }: Session): void {
  const first = examples[0]!.id;
  /** What the address already says; null while the page shows its first example untouched. */
  let addressed: string | null = null;

  const readAddress = (hash: string): boolean => {
    const reading = recipeFromHash(hash);
    if (!reading) return false;
    addressed = hash;
    store.getState().setRecipe(reading.recipe);
    if (reading.problems.length > 0)
      store.getState().notifyProblems('The link could not be read completely', reading.problems);
    return true;
  };
  if (!readAddress(location.hash)) void store.getState().openExample(first);
  /** A run that is going keeps its recipe: the live knobs on the page are its own. */
  const openLink = (hash: string): void => {
    if (store.getState().active === null) return void readAddress(hash);
    if (!recipeFromHash(hash)) return;
    store.getState().notify({
      tone: 'info',
      title: 'A link was opened during a run',
      text: 'The run keeps its recipe. The recipe of the link can be opened when the run has ended.',
      action: { label: 'Open the link', act: () => openLink(hash) },
    });
  };
  window.addEventListener('hashchange', () => {
    if (location.hash !== addressed) openLink(location.hash);
  });
  window.addEventListener('beforeunload', (event) => {
    // The browser asks in words of its own.
    if (lostByLeaving(store.getState()).length > 0) event.preventDefault();
  });

  const writeAddress = debounced(() => {
    const { recipe, example } = store.getState();
    const hash = recipeToHash(recipe);
    if (hash === addressed) return;
    // The bare address stays bare until something is changed.
    const untouched = addressed === null && example?.id === first && example.recipe === recipe;
    addressed = hash;
    if (!untouched) history.replaceState(null, '', hash);
  }, 400);
  const inspect = debounced(() => store.getState().inspect(), 200);
  store.subscribe((state, before) => {
    if (!state.recipeReady) return;
    if (state.recipe !== before.recipe || !before.recipeReady) writeAddress();
    if (state.active !== null) return;
    if (state.recipe !== before.recipe || state.upload?.key !== before.upload?.key || !before.recipeReady)
      inspect();
  });

  if (store.getState().recipeReady) inspect();

  void store.getState().openStorage();

  // After the first paint: the worker's code is larger than the page.
  whenIdle(() => store.getState().chooseBackend(null));
}

function debounced(action: () => void, milliseconds: number): () => void {
  let timer: number | undefined;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, milliseconds);
  };
}

function whenIdle(action: () => void): void {
  requestAnimationFrame(() => window.setTimeout(action, 50));
}
