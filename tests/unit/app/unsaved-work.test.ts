import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSession, statesOf, type Session } from './open-session';
import { lostByLeaving } from '../../../src/app/store/unsaved';
import type { LabelledImageSet } from '../../../src/storage/image-set';
import { withoutImages } from '../../../src/data/edit';
import { experimentOfMethods } from '../../../src/experiment/experiment';
import { defaultRecipe, withValue } from '../../../src/distill/recipe';
import { setOf } from './sets';
import type { TrainingEvent } from '../../../src/worker/training-protocol';

let session: Session;
let tell: (message: TrainingEvent) => void;
const saved: string[] = [];

const state = () => statesOf(session);
const lost = () => lostByLeaving(session);

beforeEach(() => {
  saved.length = 0;
  vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
  vi.stubGlobal('document', {
    createElement: () => ({
      click: () => undefined,
      set download(name: string) {
        saved.push(name);
      },
    }),
  });
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:');
  session = createSession({
    training: (listener) => {
      tell = listener;
      return { call: () => new Promise(() => undefined), tell: () => undefined, dispose: () => undefined };
    },
    onnx: () => Promise.reject(new Error('No model is asked here.')),
    exports: () => ({
      call: () => Promise.reject(new Error('none')),
      tell: () => undefined,
      dispose: () => undefined,
    }),
    imports: () => ({
      importFiles: () => ({ result: new Promise(() => undefined), cancel: () => undefined }),
      changeSet: () => ({ result: Promise.resolve(null), cancel: () => undefined }),
      exportSet: () => ({ result: Promise.resolve(null), cancel: () => undefined }),
      bundled: () => Promise.reject(new Error('none')),
      dispose: () => undefined,
    }),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A set of four pictures of one pixel in two classes. */
function smallSet(title: string): Promise<LabelledImageSet> {
  const split = (count: number) => ({
    images: new Uint8Array(count),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    count,
  });
  return setOf({
    id: 'upload',
    title,
    classes: ['a', 'b'],
    height: 1,
    width: 1,
    channels: 1,
    train: split(4),
    test: split(2),
  });
}

function withExperiment(results: number, running = false): void {
  const { experiment } = experimentOfMethods(defaultRecipe(), ['kd'], [1, 2, 3]);
  const result = { entry: 0, seed: 1, student: 0.5, control: 0.4, seconds: 1, failure: null };
  session.runs.setState({
    experiment: {
      row: {
        id: 'one',
        name: 'One',
        file: {},
        dataset: null,
        createdAt: 0,
        state: running ? 'running' : 'stopped',
        cells: [],
      },
      experiment,
      stored: false,
      elsewhere: false,
      running: new Map(),
      secondsLeft: null,
      total: 3,
      results: Array.from({ length: results }, () => ({ ...result }) as never),
      score: null,
      saved: 0,
      current: running ? { name: 'KD', seed: 1 } : null,
    },
  });
}

describe('leaving the page', () => {
  test('a page on which nothing was done is left without a question', () => {
    expect(lost()).toEqual([]);
    state().recipe.turn('seed', 7);
    expect(lost(), 'the address holds the recipe').toEqual([]);
  });

  test('an experiment is asked for while it runs, and until its results are in a file', async () => {
    withExperiment(0, true);
    expect(lost()).toEqual(['the experiment that is running']);
    withExperiment(2);
    expect(lost()).toEqual(['the results of the experiment']);
    await state().runs.saveExperiment('markdown');
    expect(saved).toEqual(['experiment.md']);
    expect(lost()).toEqual([]);
  });

  test('a run is asked for where it is not stored', () => {
    state().runs.start();
    const id = state().library.active!;
    expect(lost()).toEqual(['runs that are not stored']);
    session.library.setState(({ runs }) => ({ runs: runs.map((run) => ({ ...run, stored: true })) }));
    expect(lost()).toEqual([]);
    session.library.setState(({ runs }) => ({ runs: runs.map((run) => ({ ...run, stored: false })) }));
    tell({ type: 'state', run: id, state: 'stopped' });
    expect(lost(), 'it has no result').toEqual([]);
  });

  test('images, changes and sorted pictures are asked for where nothing can be stored', async () => {
    const set = await smallSet('Mine');
    state().data.openSet(set);
    state().data.change(withoutImages(state().data.editing!.edit, new Set([0])), 'Deleted 1 image');
    expect(lost()).toEqual(['changes of a data set']);
    state().data.discardEdits();
    state().data.takeDataset(set);
    expect(lost()).toEqual(['data that are not stored']);
    session.data.setState({ uploadHash: 'there' });
    const [first] = state().data.collection;
    state().data.addPictures(first!.id, [{ name: 'a.png', bytes: new Blob() }]);
    expect(lost()).toEqual(['pictures that were sorted by hand']);
  });
});

describe('a new experiment', () => {
  test('takes the place of one whose results are in a file, and asks for the others first', async () => {
    withExperiment(2);
    state().runs.clearExperiment();
    expect(state().runs.experiment).not.toBeNull();
    expect(state().view.question?.title).toBe('Save the experiment first?');
    state().view.answer();
    expect(state().runs.experiment?.results).toHaveLength(2);

    state().runs.clearExperiment();
    state().view.answer(state().view.question!.choices[0]);
    await vi.waitFor(() => expect(state().runs.experiment).toBeNull());
    expect(saved).toEqual(['experiment.csv']);

    withExperiment(2);
    await state().runs.saveExperiment('csv');
    state().runs.clearExperiment();
    expect(state().view.question).toBeNull();
    expect(state().runs.experiment).toBeNull();
  });

  test('an example or another recipe leaves the experiment where it is', () => {
    withExperiment(2);
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'Another' });
    expect(state().runs.experiment).not.toBeNull();
  });
});

describe('what takes the place of something else', () => {
  const back = (title: string) => state().view.notices.find((notice) => notice.title === title)?.action;

  test('a recipe that was changed by hand can be taken back, one that was not is simply replaced', () => {
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'First' });
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'Second' });
    expect(state().view.notices).toEqual([]);
    state().recipe.turn('seed', 9);
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'Third' });
    back('Another recipe took its place')!.act();
    expect(state().recipe.recipe).toMatchObject({ title: 'Second', seed: 9 });
  });

  test('a recipe that has become a run needs no way back, and none is put into a run that is going', () => {
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'First' });
    state().recipe.turn('seed', 9);
    state().runs.start();
    const id = state().library.active!;
    tell({ type: 'state', run: id, state: 'stopped' });
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'Second' });
    expect(back('Another recipe took its place')).toBeUndefined();

    state().recipe.turn('seed', 10);
    state().recipe.setRecipe({ ...defaultRecipe(), title: 'Third' });
    state().runs.start();
    const { act } = back('Another recipe took its place')!;
    session.view.setState({ notices: [] });
    act();
    expect(state().recipe.recipe.title).toBe('Third');
    expect(back('Another recipe took its place')).toBeDefined();
  });

  test('choices for a teacher and a weighting are there again when one comes back to them', () => {
    session.recipe.setState({
      recipe: withValue(
        withValue(defaultRecipe(), 'teacher.knobs.source', 'file'),
        'teacher.knobs.file',
        'abc123',
      ),
    });
    const { teacher } = state().recipe.recipe;
    state().recipe.setTeacherKind('ensemble');
    state().recipe.setTeacherKind('single');
    expect(state().recipe.recipe.teacher).toEqual(teacher);
    state().recipe.applyMethod('dml');
    state().recipe.applyMethod('kd');
    expect(state().recipe.recipe.teacher).toEqual(teacher);

    state().recipe.setWeighting('hint-dynamic');
    state().recipe.turn('weighting.knobs.metaPerClass', 3);
    state().recipe.setWeighting('fixed');
    state().recipe.setWeighting('hint-dynamic');
    expect(state().recipe.recipe.weighting.knobs['metaPerClass']).toBe(3);
  });

  test('changes of a set that are not stored can be taken up again', async () => {
    state().data.openSet(await smallSet('One'));
    state().data.change(withoutImages(state().data.editing!.edit, new Set([0])), 'Deleted 1 image');
    const { edit } = state().data.editing!;
    state().data.openSet(await smallSet('Two'));
    expect(state().data.editing!.past).toEqual([]);
    back('Changes were put aside')!.act();
    expect(state().data.editing).toMatchObject({ dataset: { title: 'One' } });
    expect(state().data.editing!.edit).toBe(edit);
  });

  test('a class with pictures goes only after a question', () => {
    const [first] = state().data.collection;
    state().data.addPictures(first!.id, [{ name: 'a.png', bytes: new Blob() }]);
    state().data.removeCollected(first!.id);
    expect(state().data.collection).toHaveLength(2);
    state().view.answer(state().view.question!.choices[0]);
    expect(state().data.collection).toHaveLength(1);
    state().data.removeCollected(state().data.collection[0]!.id);
    expect(state().data.collection, 'an empty one goes at once').toHaveLength(0);
  });
});
