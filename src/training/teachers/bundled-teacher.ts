import type { BundledTeacherId } from '../../distill/teachers/single/about';
import { bundledTeachers } from '../../distill/teachers/single/about';
import { targetNames } from '../../distill/hints/refusal';
import { Network } from '../../nn/network';
import { readSafetensors } from '../../nn/safetensors';
import type { FetchAsset } from '../asset-readers';
import { RunFailure } from '../failure';
import type { TeacherSetting } from './teacher';

/** @throws RunFailure when a teacher that ships with the page does not fit the images */
export function refuseBundled(id: BundledTeacherId, { input, outputs, material }: TeacherSetting): void {
  const known = bundledTeachers[id];
  const { kind } = material.dataset.target;
  if (kind !== 'class' || input.length === 1)
    throw new RunFailure(
      `The bundled teacher knows images of ${known.classes} classes. ${kind === 'class' ? 'This set is a table' : `This set’s targets are ${targetNames[kind]}`}. Choose “Train it here”.`,
      { knob: 'teacher.knobs.source' },
    );
  if (known.input.join() === input.join() && known.classes === outputs) return;
  throw new RunFailure(
    `The bundled teacher reads ${describeInput(known.input)} of ${known.classes} classes, but these images are ${describeInput(input)} of ${outputs} classes. Choose “Train it here”, or another teacher.`,
    { knob: 'teacher.knobs.source' },
  );
}

/** Loads a teacher that ships with the page. */
export async function loadBundled(
  id: BundledTeacherId,
  { input, outputs }: TeacherSetting,
  fetchAsset: FetchAsset,
): Promise<Network> {
  const weights = readSafetensors(new Uint8Array(await fetchAsset(`teachers/${id}.safetensors`)));
  return Network.create(bundledTeachers[id].network, input, outputs, weights);
}

function describeInput([height, width, channels]: readonly number[]): string {
  return `${height}×${width} ${channels === 1 ? 'grey' : 'colour'} images`;
}
