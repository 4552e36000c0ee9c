/** What an author says of a recipe goes wherever the recipe goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../../src/app/ports';
import { recipeFromHash, recipeToHash } from '../../../src/app/recipe/link';
import { createSession, statesOf, type Session } from './open-session';
import { defaultRecipe, longestNote, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { experimentOfMethods } from '../../../src/experiment/experiment';
import { recipeJson } from '../../../src/export/recipe-json';
import { addRun } from '../../../src/storage/library';
import { memoryStorage, type MemoryStorage } from '../storage/memory-storage';

const note = 'Look at the 3.\n<b>“Why?”</b>';
const noted: Recipe = { ...defaultRecipe(), title: 'Noted', note, example: 'few-labels' };

describe('a note', () => {
  test('goes through a link and a file', () => {
    expect(recipeFromHash(recipeToHash(noted))).toEqual({ recipe: noted, problems: [] });
    expect(readRecipe(JSON.parse(recipeJson(noted)))).toEqual({ recipe: noted, problems: [] });
  });

  test('of every bundled example is read with it', () => {
    const folder = 'public/examples';
    for (const name of readdirSync(folder)) {
      const { recipe, problems } = readRecipe(JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')));
      expect(problems, name).toEqual([]);
      expect(recipe.note.length, name).toBeGreaterThan(40);
    }
  });

  test('of a file of version 1 is read as well', () => {
    expect(readRecipe({ version: 1, note }).recipe.note).toBe(note);
  });

  test('that is too long loses its end, with a sentence', () => {
    const { recipe, problems } = readRecipe({ note: `${'a'.repeat(longestNote - 1)}😀${'b'.repeat(5000)}` });
    expect(recipe.note).toBe('a'.repeat(longestNote - 1));
    expect(problems).toEqual([
      { path: 'note', message: 'The note has 7,001 characters; the first 2,000 are kept.' },
    ]);
  });

  test.each([7, null, ['a'], { text: 'a' }])('that is %j is left out, with a sentence', (value) => {
    const { recipe, problems } = readRecipe({ note: value, example: value });
    expect(recipe).toMatchObject({ note: '', example: '' });
    expect(problems.map(({ path }) => path)).toEqual(['note', 'example']);
  });

  test('is about one recipe, not about the methods that an experiment puts in its place', () => {
    const { entries } = experimentOfMethods(noted, ['kd', 'dkd'], [1]).experiment;
    expect(entries.map(({ recipe }) => recipe.note)).toEqual(['', '']);
  });
});

describe('on the page', () => {
  let storage: MemoryStorage;
  let session: Session;
  const state = () => statesOf(session);
  const openPage = async () => {
    const ports = {
      training: () => ({
        call: () => new Promise(() => undefined),
        tell: () => undefined,
        dispose: () => undefined,
      }),
      storage: () => Promise.resolve({ ...storage, hear: () => () => undefined }),
    } as Partial<Ports> as Ports;
    session = createSession(ports);
    await state().runs.openStorage();
  };

  beforeEach(async () => {
    vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
    storage = await memoryStorage();
    await openPage();
  });
  afterEach(() => vi.unstubAllGlobals());

  test('a note is stored with a run, and comes back with its recipe and from the bin', async () => {
    state().recipe.setRecipe(noted);
    state().runs.start();
    const { id } = state().library.runs[0]!;
    await vi.waitFor(() => expect(state().library.runs[0]!.stored).toBe(true));

    await openPage();
    expect(state().library.runs[0]!.recipe).toMatchObject({ note, example: 'few-labels' });
    state().recipe.setRecipe(defaultRecipe());
    await state().runs.takeRecipe(id);
    expect(state().recipe.recipe).toMatchObject({ note, example: 'few-labels' });

    session.library.setState(({ runs }) => ({ runs: runs.map((run) => ({ ...run, elsewhere: false })) }));
    state().library.discard(id);
    expect(state().library.runs).toEqual([]);
    state().view.notices.at(-1)!.action!.act();
    await vi.waitFor(() => expect(state().library.runs[0]?.recipe.note).toBe(note));
  });

  test('a note that an older page kept beside the recipe is read into it', async () => {
    const old: Partial<Recipe> = { ...noted };
    delete old.note;
    delete old.example;
    await addRun(storage, {
      id: 'a'.repeat(24),
      number: 1,
      name: 'Old',
      note: 'Beside it.',
      notes: '',
      recipe: old as Recipe,
      createdAt: 1,
      deletedAt: null,
    });
    await openPage();
    expect(state().library.runs[0]!.recipe.note).toBe('Beside it.');
  });

  test('a note about the images of an example is not said of others', () => {
    state().recipe.setRecipe(noted);
    state().data.setDataset('fashion-mnist-small');
    expect(state().recipe.recipe).toMatchObject({ note: '', example: '' });
    state().recipe.setRecipe({ ...noted, example: '' });
    state().data.setDataset('fashion-mnist-small');
    expect(state().recipe.recipe.note, 'one of the user’s own stays').toBe(note);
  });
});
