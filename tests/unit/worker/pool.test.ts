import { describe, expect, test } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import { CellPool, type PoolCell, type PoolListener } from '../../../src/worker/pool';
import { nextPlace, secondsLeft } from '../../../src/worker/pool-order';
import { outcomeOf } from '../../../src/worker/cell-run';
import { RunRecord } from '../../../src/record/run-record';

describe('the order of cells', () => {
  const cells = [{ teacher: 'a' }, { teacher: 'a' }, { teacher: 'b' }, { teacher: null }, { teacher: 'b' }];

  test('begins each teacher first, and leaves cells that would wait for last', () => {
    expect(nextPlace(cells, new Set(), new Set())).toBe(0);
    expect(nextPlace(cells.slice(1), new Set(['a']), new Set(['a']))).toBe(1);
    expect(nextPlace(cells.slice(3), new Set(['a', 'b']), new Set(['a', 'b']))).toBe(0);
    expect(nextPlace([{ teacher: 'a' }], new Set(['a']), new Set(['a']))).toBe(0);
    expect(nextPlace([{ teacher: 'b' }, { teacher: 'a' }], new Set(['a', 'b']), new Set(['b']))).toBe(1);
    expect(nextPlace([], new Set(), new Set())).toBeNull();
  });

  test('says how long the rest takes from the work that is done', () => {
    const whole = { done: 1, before: 0 };
    expect(secondsLeft(30, [whole, whole, whole], 9, 3)).toBe(20);
    expect(secondsLeft(10, [{ done: 0.5, before: 0 }], 1, 4)).toBe(10);
    expect(secondsLeft(0, [], 9, 3)).toBeNull();
  });

  test('does not count steps from before an interruption as quick ones', () => {
    // A tenth of a cell took 3 s, so that the last tenth and another whole one take 33 s.
    expect(secondsLeft(3, [{ done: 0.9, before: 0.8 }], 2, 1)).toBeCloseTo(33);
    expect(secondsLeft(3, [{ done: 0.9, before: 0.9 }], 2, 1)).toBeNull();
  });
});

/** Workers that carry out what they are told to at once, and die where a test wants it. */
function poolOf(
  runs: readonly Partial<PoolCell>[],
  workers: number,
  crashes: string[] = [],
  unmeasured: string[] = [],
) {
  const log: string[] = [];
  let pool!: CellPool;
  const over = new Promise<void>((resolve) => {
    const listener: PoolListener = {
      onBegin: ({ run }) => Promise.resolve(void log.push(`begin ${run}`)),
      onEnd: ({ run }, end) =>
        Promise.resolve(void log.push('failure' in end ? `${run} failed: ${end.failure}` : `end ${run}`)),
      onLatencies: (network, { batch }) => Promise.resolve(void log.push(`${network} measured ${batch}`)),
      onProgress: () => undefined,
      onDone: resolve,
    };
    const cells = runs.map((cell): PoolCell => {
      const whole = {
        recipe: defaultRecipe(),
        dataset: null,
        begun: false,
        teacher: null,
        run: 'x',
        network: 'n',
      };
      return { ...whole, ...cell };
    });
    pool = new CellPool(
      cells,
      {
        workers,
        backend: null,
        keep: true,
        unmeasured: unmeasured.map((network) => ({ recipe: defaultRecipe(), dataset: null, network })),
        connect: (hear) => ({
          dispose: () => undefined,
          tell: () => undefined,
          call: ((name: string, input: { run: string }) => {
            if (name === 'backend') return Promise.resolve({ name: 'wasm', rejected: [] });
            const { run } = input;
            if (name === 'measureLatency') return Promise.resolve({ batch: 64 });
            log.push(`${name} ${run}`);
            queueMicrotask(() => {
              const dies = crashes.indexOf(run);
              if (dies >= 0) {
                crashes.splice(dies, 1);
                hear({ type: 'storage', run, saved: { phase: 'student', step: 5 }, fault: null });
                return hear({ type: 'state', run, state: 'interrupted' });
              }
              const outcome = outcomeOf(new RunRecord(run, defaultRecipe()));
              hear({ type: 'cell', run, end: { outcome, metrics: null } });
              hear({ type: 'state', run, state: 'finished' });
            });
            return Promise.resolve();
          }) as never,
        }),
      },
      listener,
    );
  });
  return { log, over, pool };
}

describe('a pool of workers', () => {
  test('carries out every cell once, and goes on with a cell whose worker died', async () => {
    const { log, over } = poolOf([{ run: 'a' }, { run: 'b' }, { run: 'c', begun: true }], 2, ['b']);
    await over;
    expect(log.filter((line) => line.startsWith('end'))).toHaveLength(3);
    expect(log).toEqual(expect.arrayContaining(['start b', 'continue b', 'continue c']));
  });

  test('gives a cell up whose worker dies again and again', async () => {
    const { log, over } = poolOf([{ run: 'a' }, { run: 'b' }], 1, ['a', 'a', 'a']);
    await over;
    expect(log).toContain('a failed: The run ended without a result.');
    expect(log).toContain('end b');
  });

  test('measures each network once, after the last cell', async () => {
    const { log, over } = poolOf([{ run: 'a' }, { run: 'b', network: 'm' }, { run: 'c' }], 2);
    await over;
    const measured = log.filter((line) => line.includes('measured'));
    expect(measured.toSorted()).toEqual(['m measured 64', 'n measured 64']);
    expect(log.slice(-4).filter((line) => line.startsWith('end'))).toEqual([]);
  });

  test('measures what an earlier pool was killed before, where no cell is left', async () => {
    const { log, over } = poolOf([], 2, [], ['n', 'm', 'n']);
    await over;
    const measured = log.filter((line) => line.includes('measured'));
    expect(measured).toEqual(['n measured 64', 'm measured 64']);
  });

  test('begins nothing while it is paused', async () => {
    const { log, over, pool } = poolOf([{ run: 'a' }, { run: 'b' }], 1);
    pool.pause();
    await new Promise((resolve) => setTimeout(resolve));
    expect(log).not.toContain('start b');
    pool.resume();
    await over;
    expect(log).toContain('end b');
  });
});
