import { examples } from './examples';
import { recipeFromHash, recipeToHash } from './recipe/link';
import { readShown, rememberShown, showAgain } from './remembered';
import type { Session } from './store/session';
import { lostByLeaving } from './store/unsaved';

/** Everything that happens once, beside rendering: the first recipe, the address bar, the cost sheet, the backend. */
export function openPage(session: Session): void {
  const { view, library, recipe, data, runs } = session;
  const first = examples[0]!.id;
  /** The address as last written; null while the page shows its first example untouched. */
  let addressed: string | null = null;

  const readAddress = (hash: string): boolean => {
    const reading = recipeFromHash(hash);
    if (!reading) return false;
    addressed = hash;
    recipe.getState().setRecipe(reading.recipe);
    if (reading.problems.length > 0)
      view.getState().notifyProblems('The link could not be read completely', reading.problems);
    return true;
  };
  if (!readAddress(location.hash)) void recipe.getState().openExample(first);
  /** A run that is going keeps its recipe: the live knobs on the page are its own. */
  const openLink = (hash: string): void => {
    if (library.getState().active === null) return void readAddress(hash);
    if (!recipeFromHash(hash)) return;
    view.getState().notify({
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
    if (lostByLeaving(session).length > 0) event.preventDefault();
  });

  const writeAddress = debounced(() => {
    const { recipe: now, example } = recipe.getState();
    const hash = recipeToHash(now);
    if (hash === addressed) return;
    // The bare address stays bare until something is changed.
    const untouched = addressed === null && example?.id === first && example.recipe === now;
    addressed = hash;
    if (!untouched) history.replaceState(null, '', hash);
  }, 400);
  const inspect = debounced(() => runs.getState().inspect(), 200);
  const isIdle = () => recipe.getState().recipeReady && library.getState().active === null;
  recipe.subscribe((state, before) => {
    if (!state.recipeReady || (state.recipe === before.recipe && before.recipeReady)) return;
    writeAddress();
    if (isIdle()) inspect();
  });
  data.subscribe((state, before) => {
    if (state.upload?.key !== before.upload?.key && isIdle()) inspect();
  });

  if (recipe.getState().recipeReady) inspect();

  const shown = readShown();
  rememberShown(session);
  void runs
    .getState()
    .openStorage()
    .then(() => showAgain(session, shown));

  // After the first paint: the worker's code is larger than the page.
  whenIdle(() => runs.getState().chooseBackend(null));
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
