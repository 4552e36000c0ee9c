/** Golden cases in the browser, from files that Vite serves. */
import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../src/engine/backends';
import { tf } from '../../src/engine/tf';
import { withValidation } from '../../src/engine/webgpu';
import { runGolden } from '../golden/runner';
import { units } from '../golden/units';

const cases = import.meta.glob<unknown>(
  ['../golden/data/**/*.json', '../../src/distill/hints/*/golden/*.json'],
  { import: 'default' },
);
const weights = import.meta.glob<string>('../golden/data/**/*.safetensors', {
  query: '?url',
  import: 'default',
});

async function failuresOf(path: string): Promise<string[]> {
  const json = await cases[path]!();
  return runGolden(json, units, async () => {
    const url = await weights[path.replace(/\.json$/, '.safetensors')]!();
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  });
}

/**
 * Further cases of a unit: the remaining ones hold a case of each unit, and those at the limits of numbers (rows of zeros,
 * logits far apart), where a device may differ from a processor.
 */
const furtherCases = [
  'ab/identity-connectors',
  'apprentice/activation-8bit',
  'apprentice/dorefa-weight-1bit',
  'apprentice/quant-layer-b',
  'apprentice/steps-scheme-a',
  'apprentice/steps-scheme-c',
  'apprentice/wrpn-weight-4bit',
  'at/non-integer-pool',
  'at/three-stage-pool',
  'bss/attack-10-steps',
  'bss/loss-t1',
  'bss/select-top3',
  'bss/steps-b',
  'cc/b',
  'cc/rbf-p3',
  'codes/granularity-loss-b',
  'cgan-kd/cdr-mlp-b',
  'cgan-kd/cdre-loss-b',
  'cgan-kd/filter-a',
  'cgan-kd/filter-b',
  'cgan-kd/filter-regression-a',
  'cgan-kd/filter-regression-b',
  'cgan-kd/hinge-a',
  'cgan-kd/hinge-b',
  'cgan-kd/regression-loss-a',
  'cgan-kd/regression-loss-b',
  'cgan-kd/subsample-a',
  'cgan-kd/subsample-b',
  // Runs on WebGPU are held against the cpu backend with these losses (`classical-hints.test.ts`).
  'crd/first-batch',
  'crd/second-batch',
  'ctkd/late',
  'dist/tau1',
  'dist/tau4',
  'dkd/a1-b2-t1',
  'dkd/total-late',
  'dml/three',
  'ffsd/attention-loss-b',
  'ffsd/diversity-b',
  'ffsd/fusion-b',
  'ffsd/selfdistill-b',
  'ffsd/totals-b',
  'ffsd/warmup-b',
  'fitnet/down2',
  'fsp/four',
  'holistic/loss-b',
  'holistic/knn-tag-b',
  'ft/attention-form',
  'ft/attention-form-pool',
  'ft/paper-form-k075',
  'ft/paraphraser',
  'hkd/bilevel-linear-a',
  'lskd/dkd-a1-b8-t3',
  'mgd/self-analyzing-loss-b',
  'mgd/student-loss-mas-b',
  'mlld/as-coded-a',
  'mlld/other-temperatures',
  'networks/elu2-6-12',
  'nst/three-stage-pool',
  'ofd/three',
  'pkt/signed',
  // Parts of ReviewKD’s whole loss, which stays.
  'review/abf-fuse-a',
  'review/abf-fuse-from-1x1-eval-c',
  'review/abf-top-b',
  'review/hcl-4stage-a',
  'review/hcl-two-pools',
  'review/hcl-uneven-b',
  'review/review-loss-a',
  'rkd/25-50',
  'rkd/distance-only',
  'rkd/one-image',
  // As those of CRD.
  'semckd/two-by-three',
  'semckd/two-by-two',
  'specialist-ensemble/combine-linear-a',
  'vid/same',
];

/** On WebGPU shaders are compiled for every shape: large networks and further cases are a long test there. */
export const isLongOnWebgpu = (path: string) =>
  /networks.(?!elu)/.test(path) ||
  furtherCases.some((name) => path.replace('/golden/', '/').endsWith(`/${name}.json`));

/** A test per golden file whose path is chosen, on one backend. */
export function goldenCases(backend: 'wasm' | 'webgpu', chosen: (path: string) => boolean): void {
  beforeAll(() => chooseBackend(backend));

  test.each(Object.keys(cases).filter(chosen))('%s', async (path) => {
    expect(tf.getBackend()).toBe(backend);
    const before = tf.memory().numTensors;
    const work = () => failuresOf(path);
    expect(await (backend === 'webgpu' ? withValidation(work) : work())).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });
}
