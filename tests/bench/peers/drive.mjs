/**
 * The same training steps by the engine on WebAssembly and by its peers on one thread of the processor, in turns. Prints
 * ratios with their spread; the last line is the worst against PyTorch.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../../scripts/prepare.mjs';
import { wasmKernels } from '../../../scripts/wasm-kernels.mjs';

/** @typedef {import('./protocol.ts').Question} Question */
/** @typedef {import('./protocol.ts').Stepped} Stepped */
/** @typedef {import('./protocol.ts').Begun} Begun */
/** @typedef {import('../engine/training.ts').EngineCase} EngineCase */

const warmUp = 100;
/** Turns, each of so many steps: at least 200 in all. Slower peers take fewer, at least 40. */
const turns = 20;
const stepsPerTurn = 10;

/** Milliseconds of one turn after which a peer takes fewer steps in it. */
const longTurn = 400;

/** Relative distance of losses that still count as equal, over the first steps: both round differently. */
const tolerance = 1e-4;
const compared = 4;

const out = join(root, 'node_modules/.cache/bench-peers');

/** @param {string} name part of the cases' names */
export async function benchPeers(name) {
  const cases = await bundle();
  const python = ['/usr/bin/python3', 'python3', 'python'].find(
    (command) => spawnSync(command, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  const runner = join(out, 'runner.mjs');
  const peers = [
    await Peer.start('Retort, wasm', process.execPath, [runner, 'retort']),
    await Peer.start('Retort, wasm 2', process.execPath, [runner, 'retort', '2']),
    await Peer.start('TensorFlow.js 4.22, wasm', process.execPath, [runner, 'stock']),
  ];
  if (python) {
    const script = join(root, 'tests/bench/gpu/pytorch.py');
    peers.push(await Peer.start('PyTorch', python, [script, '--serve']));
  } else console.log('PyTorch was not timed: python3 -c "import torch" does not work here.');
  const rows = [];
  try {
    for (const one of cases.filter((each) => each.name.includes(name)))
      rows.push(...(await measure(one, peers)));
  } finally {
    for (const peer of peers) peer.end();
  }
  print(rows, peers.at(-1)?.title ?? '');
}

/** Builds the runner for Node and reads the cases out of it. @returns {Promise<EngineCase[]>} */
async function bundle() {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [wasmKernels()],
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: true,
      outDir: out,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        input: {
          runner: 'tests/bench/peers/runner.ts',
          helper: 'tests/bench/peers/helper.ts',
          cases: 'tests/bench/engine/cases.ts',
        },
        output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name].mjs' },
      },
    },
  });
  return (await import(join(out, 'cases.mjs'))).engineCases;
}

/** A process that takes steps when it is asked to. */
class Peer {
  /**
   * @param {string} title @param {import('node:child_process').ChildProcess} child
   * @param {AsyncIterator<string>} lines
   */
  constructor(title, child, lines) {
    this.title = title;
    this.child = child;
    this.lines = lines;
  }

  /** @param {string} title @param {string} command @param {string[]} args */
  static async start(title, command, args) {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const peer = new Peer(title, child, lines);
    const ready = await peer.answer();
    if (title === 'PyTorch') peer.title = `${ready.title}, 1 thread`;
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

/** @param {EngineCase} one @param {readonly Peer[]} peers */
async function measure(one, peers) {
  /** @type {import('./protocol.ts').Start | null} */
  let start = null;
  /** @type {{ peer: string, steps: number, parameters: number, losses: number[], turns: Stepped[] }[]} */
  const taken = [];
  for (const peer of peers) {
    /** @type {Begun} */
    const begun = await peer.ask({ do: 'begin', case: one, start });
    start ??= begun.start;
    /** @type {Stepped} */
    const first = await peer.ask({ do: 'step', steps: compared });
    const steps = Math.max(2, Math.min(stepsPerTurn, Math.round(longTurn / first.processorMs)));
    for (let done = compared; done < (steps * warmUp) / stepsPerTurn; done += steps)
      await peer.ask({ do: 'step', steps });
    const { parameters } = begun;
    taken.push({ peer: peer.title, steps, parameters, losses: first.losses, turns: [] });
  }
  const [ours] = taken;
  for (const { peer, parameters, losses } of taken) {
    if (parameters !== ours?.parameters)
      throw new Error(`${one.name}: ${peer} trained ${parameters} numbers.`);
    losses.forEach((loss, step) => {
      const wanted = ours.losses[step] ?? Number.NaN;
      if (!(Math.abs(loss - wanted) <= tolerance * wanted))
        throw new Error(
          `${one.name}: in step ${step + 1} the loss of ${peer} is ${loss}, ours is ${wanted}.`,
        );
    });
  }
  for (let turn = 0; turn < turns; turn++)
    for (const [place, peer] of peers.entries()) {
      const at = taken[place];
      at?.turns.push(await peer.ask({ do: 'step', steps: at.steps }));
    }
  return taken.map(({ peer, steps, turns: all, losses }) => {
    const ratios = all.map((turn, n) => turn.processorMs / (ours?.turns[n]?.processorMs ?? Number.NaN));
    return {
      case: one.name,
      peer,
      processorMs: median(all.map(({ processorMs }) => processorMs)),
      wallMs: median(all.map(({ wallMs }) => wallMs)),
      /** Its time over ours: median, and quartiles of the turns. */
      ratio: median(ratios),
      spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
      steps: steps * all.length,
      loss: losses.at(-1) ?? Number.NaN,
    };
  });
}

/** @param {Awaited<ReturnType<typeof measure>>} rows @param {string} last */
function print(rows, last) {
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
  const torch = rows.filter(({ peer }) => peer === last && peer.startsWith('PyTorch'));
  const [worst] = torch.toSorted((a, b) => a.ratio - b.ratio);
  if (worst)
    console.log(
      `Worst against PyTorch: ${worst.case}, ${round(1 / worst.ratio)} of its time (middle half of the turns ${worst.spread
        .map((ratio) => round(1 / ratio))
        .toReversed()
        .join(' to ')}).`,
    );
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
