/**
 * The same training steps by the engine and by its peers, in turns: on WebAssembly and by PyTorch on one thread and on
 * several, and on WebGPU in a page. Prints ratios with their spread; the last lines are the worst against PyTorch.
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleForNode } from '../../../scripts/node-bundle.mjs';
import { root } from '../../../scripts/prepare.mjs';
import { inPage } from '../engine/drive.mjs';

/** @typedef {import('./protocol.ts').Question} Question */
/** @typedef {import('./protocol.ts').Stepped} Stepped */
/** @typedef {import('./protocol.ts').Begun} Begun */
/** @typedef {import('./page.ts').PeersPage} PeersPage */
/** @typedef {import('../engine/training.ts').EngineCase} EngineCase */
/** @typedef {'one thread' | 'several threads' | 'WebGPU'} Group peers of a group are compared with ours in it */
/** @typedef {{ title: string, group: Group, isOurs: boolean, ask(question: Question): Promise<any>, end(): void }} Peer */

/**
 * Warm-up steps; turns, each of so many steps: at least 200 in all. Slower peers take fewer, at least 40; those that take
 * seconds a step, 5.
 */
const whole = { warmUp: 100, turns: 20, stepsPerTurn: 10 };
/** For a first look. */
const quick = { warmUp: 10, turns: 5, stepsPerTurn: 4 };

/** Milliseconds of one turn after which a peer takes fewer steps in it. */
const longTurn = 400;
/** Milliseconds of a step after which a peer takes few turns. */
const longStep = 1000;
const fewTurns = 5;

/** Relative distance of losses that still count as equal, over the first steps: all round differently. */
const tolerance = 1e-4;
const compared = 4;

const out = join(root, 'node_modules/.cache/bench-peers');

/** @param {{ name: string, isQuick: boolean, withPage: boolean }} options name: part of the cases' names */
export async function benchPeers({ name, isQuick, withPage }) {
  const cases = (await bundle()).filter((each) => each.name.includes(name));
  const peers = await processes();
  const rest = isQuick ? quick : whole;
  try {
    if (!withPage) return print(await measureAll(cases, peers, rest));
    await inPage(
      async (page) => {
        const adapter = await page.evaluate(() =>
          /** @type {{ peersPage: PeersPage }} */ (/** @type {unknown} */ (window)).peersPage.begin(),
        );
        print(await measureAll(cases, [...peers, ...inBrowser(page, adapter)], rest));
      },
      { folder: 'tests/bench/peers', ready: 'peersPage' },
    );
  } finally {
    for (const peer of peers) peer.end();
  }
}

/** @returns {Promise<Peer[]>} */
async function processes() {
  const threads = availableParallelism();
  const python = ['/usr/bin/python3', 'python3', 'python'].find(
    (command) => spawnSync(command, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  const runner = join(out, 'runner.mjs');
  /** @param {string} title @param {Group} group @param {string[]} args */
  const inNode = (title, group, ...args) =>
    ProcessPeer.start(title, group, process.execPath, [runner, ...args]);
  /** @param {Group} group @param {number} count */
  const torch = (group, count) =>
    ProcessPeer.start(
      'PyTorch',
      group,
      python ?? '',
      [join(root, 'tests/bench/gpu/pytorch.py'), '--serve', String(count)],
      { OMP_NUM_THREADS: String(count) },
    );
  if (!python) console.log('PyTorch was not timed: python3 -c "import torch" does not work here.');
  return [
    await inNode('Retort, wasm', 'one thread', 'retort', '1'),
    await inNode('TensorFlow.js 4.22, wasm', 'one thread', 'stock'),
    await inNode('jax-js 0.1.25, wasm', 'one thread', 'jax'),
    ...(python ? [await torch('one thread', 1)] : []),
    ...(threads > 1
      ? [await inNode(`Retort, wasm, ${threads} threads`, 'several threads', 'retort', String(threads))]
      : []),
    ...(threads > 1 && python ? [await torch('several threads', threads)] : []),
  ];
}

/** @param {import('playwright').Page} page @param {string} adapter @returns {Peer[]} */
function inBrowser(page, adapter) {
  console.log(`WebGPU on ${adapter}`);
  return /** @type {const} */ ([
    ['Retort, WebGPU', 'retort'],
    ['TensorFlow.js 4.22, WebGPU', 'stock'],
    ['jax-js 0.1.25, WebGPU', 'jax'],
  ]).map(([title, kind]) => ({
    title,
    group: 'WebGPU',
    isOurs: kind === 'retort',
    ask: (question) =>
      page
        .evaluate(
          ([of, asked]) =>
            /** @type {{ peersPage: PeersPage }} */ (/** @type {unknown} */ (window)).peersPage.ask(
              of,
              asked,
            ),
          /** @type {const} */ ([kind, question]),
        )
        .catch((error) => ({ problem: String(error) })),
    end: () => undefined,
  }));
}

/** Builds the runner for Node and reads the cases out of it. @returns {Promise<EngineCase[]>} */
async function bundle() {
  await bundleForNode(out, {
    runner: 'tests/bench/peers/runner.ts',
    helper: 'tests/bench/peers/helper.ts',
    cases: 'tests/bench/engine/cases.ts',
  });
  return (await import(join(out, 'cases.mjs'))).engineCases;
}

/** A process that takes steps when it is asked to. */
class ProcessPeer {
  /**
   * @param {string} title @param {Group} group @param {import('node:child_process').ChildProcess} child
   * @param {AsyncIterator<string>} lines
   */
  constructor(title, group, child, lines) {
    this.title = title;
    this.group = group;
    this.isOurs = title.startsWith('Retort');
    this.child = child;
    this.lines = lines;
  }

  /**
   * @param {string} title @param {Group} group @param {string} command @param {string[]} args
   * @param {Record<string, string>} env
   */
  static async start(title, group, command, args, env = {}) {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const peer = new ProcessPeer(title, group, child, lines);
    const ready = await peer.answer();
    if (title === 'PyTorch') peer.title = `${ready.title}, ${group}`;
    return peer;
  }

  /** @param {Question} question */
  async ask(question) {
    this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    return this.answer();
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.title} ended; what it said is above.`);
    return JSON.parse(value);
  }

  end() {
    this.child.stdin?.end();
  }
}

/** @param {EngineCase[]} cases @param {readonly Peer[]} peers @param {typeof whole} rest */
async function measureAll(cases, peers, rest) {
  const rows = [];
  for (const one of cases) {
    const own = await measure(one, peers, rest);
    for (const { peer, ratio } of own.filter((row) => row.ratio !== 1))
      console.error(`${one.name}: ${peer} takes ${round(ratio)} times ours`);
    rows.push(...own);
  }
  return rows;
}

/** @param {EngineCase} one @param {readonly Peer[]} peers @param {typeof whole} rest */
async function measure(one, peers, { warmUp, turns, stepsPerTurn }) {
  /** @type {import('./protocol.ts').Start | null} */
  let start = null;
  /** @type {{ peer: Peer, steps: number, parameters: number, losses: number[], turns: Stepped[], most: number }[]} */
  const taken = [];
  const problems = [];
  for (const peer of peers) {
    const begun = await peer.ask({ do: 'begin', case: one, start });
    const first = begun.problem ? begun : await peer.ask({ do: 'step', steps: compared });
    // The first of all is ours: the others begin with its numbers, and their losses are held against its.
    if (peer === peers[0] && first.problem) throw new Error(`${peer.title}: ${first.problem}`);
    const problem = first.problem ?? problemOf(first.losses, begun.parameters, taken[0]);
    if (problem) {
      problems.push({ case: one.name, peer: peer.title, problem: String(problem) });
      continue;
    }
    start ??= begun.start;
    const steps = Math.max(1, Math.min(stepsPerTurn, Math.round(longTurn / first.wallMs)));
    const isSlow = first.wallMs > longStep;
    for (let done = compared; !isSlow && done < (steps * warmUp) / stepsPerTurn; done += steps)
      await peer.ask({ do: 'step', steps });
    const most = isSlow ? fewTurns : turns;
    taken.push({ peer, steps, parameters: begun.parameters, losses: first.losses, turns: [], most });
  }
  for (let turn = 0; turn < turns; turn++)
    for (const each of taken)
      if (turn < each.most) each.turns.push(await each.peer.ask({ do: 'step', steps: each.steps }));
  const rows = taken.map(({ peer, steps, turns: all, losses }) => {
    const ours = taken.find((other) => other.peer.isOurs && other.peer.group === peer.group);
    // One thread is compared by processor time, which load from outside hardly touches.
    const time = (/** @type {Stepped | undefined} */ turn) =>
      (peer.group === 'one thread' ? turn?.processorMs : turn?.wallMs) ?? Number.NaN;
    // Without ours there is nothing to compare with.
    const ratios = all.map((turn, n) => time(turn) / time(ours?.turns[n]));
    return {
      case: one.name,
      peer: peer.title,
      group: peer.group,
      processorMs: median(all.map(({ processorMs }) => processorMs ?? Number.NaN)),
      wallMs: median(all.map(({ wallMs }) => wallMs)),
      /** Its time over ours of its group: median, and quartiles of the turns. */
      ratio: median(ratios),
      spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
      steps: steps * all.length,
      loss: losses.at(-1) ?? Number.NaN,
      problem: '',
    };
  });
  const none = { group: '', processorMs: NaN, wallMs: NaN, ratio: NaN, spread: [], steps: 0, loss: NaN };
  return [...rows, ...problems.map((each) => ({ ...none, ...each }))];
}

/**
 * Why this training is not the first one's; null when it is.
 * @param {number[]} losses @param {number} parameters
 * @param {{ losses: number[], parameters: number } | undefined} first
 */
function problemOf(losses, parameters, first) {
  if (!first) return null;
  if (parameters !== first.parameters) return `trained ${parameters} numbers, not ${first.parameters}`;
  const step = losses.findIndex((loss, n) => {
    const wanted = first.losses[n] ?? Number.NaN;
    return !(Math.abs(loss - wanted) <= tolerance * wanted);
  });
  return step < 0 ? null : `loss ${losses[step]} in step ${step + 1}, not ${first.losses[step]}`;
}

/** @param {Awaited<ReturnType<typeof measure>>} rows */
function print(rows) {
  console.table(
    rows.map(({ processorMs, wallMs, ratio, spread, loss, ...rest }) => ({
      ...rest,
      'processor ms/step': round(processorMs),
      'wall ms/step': round(wallMs),
      'x ours': round(ratio),
      'middle half': spread.map(round).join(' to '),
      [`loss ${compared}`]: loss.toPrecision(5),
    })),
  );
  console.log(JSON.stringify({ peers: rows }));
  for (const group of ['several threads', 'one thread']) {
    const torch = rows.filter(
      ({ group: of, peer, ratio }) => of === group && peer.startsWith('PyTorch') && ratio > 0,
    );
    const [worst] = torch.toSorted((a, b) => a.ratio - b.ratio);
    if (worst)
      console.log(
        `Worst against PyTorch, ${group}: ${worst.case}, ${round(1 / worst.ratio)} of its time (middle half of the turns ${worst.spread
          .map((ratio) => round(1 / ratio))
          .toReversed()
          .join(' to ')}).`,
      );
  }
}

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** @param {number[]} values */
function median(values) {
  return quantile(values, 0.5);
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(3));
}
