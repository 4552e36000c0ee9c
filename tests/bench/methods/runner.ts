/**
 * Step times of methods on WebAssembly in Node, as multiples of a plain step of the same run: one after the other in
 * turns, by processor time, so that load on the machine matters little. One line of JSON.
 */
import { Trained, type RunCase } from '../engine/run-timings';
import { useWasm } from '../../support/wasm-in-node';

const pair = [
  { id: 'kd', weight: 0.9, knobs: { temperature: 4 } },
  { id: 'fitnet', weight: 1 },
];
const plain = [{ id: 'kd', weight: 0.9, knobs: { temperature: 4 } }];
const dynamic = {
  id: 'hint-dynamic',
  knobs: { metaInterval: 5, metaWarmup: 0, metaSet: 'training', autoBalance: false },
};
const digits = { side: 8, channels: 1, batch: 32 };
/** With so few images every step recalls the teacher's outputs; with more than the run sees none does. */
const [few, many] = [64, 5000];

/** The first of a group is what the others are compared with. */
const groups: RunCase[][] = [
  [
    { name: 'KD + feature, teacher asked', ...digits, images: many, changes: { hints: pair } },
    { name: 'HKD every 5', ...digits, images: many, changes: { hints: pair, weighting: dynamic } },
  ],
  [
    { name: 'KD + feature, teacher recalled', ...digits, images: few, changes: { hints: pair } },
    { name: 'HKD every 5', ...digits, images: few, changes: { hints: pair, weighting: dynamic } },
  ],
  [
    { name: 'KD, teacher asked', ...digits, images: many, changes: { hints: plain } },
    ...['semckd', 'review', 'crd'].map((id) => ({
      name: `KD + ${id}`,
      ...digits,
      images: many,
      changes: { hints: [...plain, { id, weight: 1 }] },
    })),
  ],
];

/**
 * Steps before the timed ones, after which JavaScript engines have compiled what runs often: a run has thousands. And steps per
 * stretch: a multiple of the meta interval.
 */
const [untimed, stretch, stretches] = [200, 20, 15];

await useWasm();
const rows: { case: string; ms: number; times: number; low: number; high: number }[] = [];
for (const group of groups) {
  const trained = group.map((one) => new Trained(one, untimed + stretches * stretch + 1));
  const took = group.map((): number[] => []);
  for (const run of trained) await run.until(untimed);
  for (let round = 1; round <= stretches; round++)
    for (const [index, run] of trained.entries()) {
      const used = process.cpuUsage();
      await run.until(untimed + round * stretch);
      const { user, system } = process.cpuUsage(used);
      took[index]!.push((user + system) / 1000 / stretch);
    }
  for (const [index, times] of took.entries()) {
    const ratios = times.map((time, round) => time / took[0]![round]!).sort((a, b) => a - b);
    rows.push({
      case: group[index]!.name,
      ms: median(times),
      times: median(ratios),
      low: ratios[Math.floor(ratios.length / 4)]!,
      high: ratios[Math.ceil((ratios.length * 3) / 4) - 1]!,
    });
  }
  for (const run of trained) await run.end();
}
console.log(JSON.stringify(rows));

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
