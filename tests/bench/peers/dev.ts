import { useWasm } from '../../support/wasm-in-node';
import { engineCases } from '../engine/measure';
import { Training } from '../engine/training';
import { tf } from '../../../src/engine/tf';
import { gradientStep } from '../../../src/engine/self-test';
async function main() {
  await useWasm();
  console.log((await gradientStep()).join());
  const only = process.argv[2] ?? '';
  for (const one of engineCases.filter(({ name }) => name.includes(only))) {
    const t = new Training(one);
    const step = () => {
      t.prepare();
      const { loss } = tf.tidy(t.compute);
      const v = loss.dataSync()[0];
      loss.dispose();
      return v;
    };
    for (let i = 0; i < 30; i++) step();
    const cpu = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    const once = (n: number) => {
      const a = cpu();
      for (let i = 0; i < n; i++) step();
      return (cpu() - a) / n;
    };
    const n = Math.max(1, Math.round(15 / once(5)));
    const times = Array.from({ length: 25 }, () => once(n)).sort((a, b) => a - b);
    console.log(
      one.name,
      'cpu ms: min',
      times[0]!.toFixed(3),
      'q1',
      times[times.length >> 2]!.toFixed(3),
      'median',
      times[times.length >> 1]!.toFixed(3),
      'loss',
      step(),
    );
    t.dispose();
  }
}
void main();
