/** Networks of teachers, shared by the kinds: checked descriptions, rows to train on, restored weights. */
import { targetsOf } from '../../data/dataset';
import { describeNetwork, type NetworkDescription } from '../../nn/describe';
import { Network } from '../../nn/network';
import { RunFailure } from '../failure';
import type { NetworkTraining } from './network-phase';
import type { TeacherPlan, TeacherState, TeacherSetting } from './teacher';

/** @throws RunFailure with the knob when there is no such network or it does not fit the images */
export function describeOrRefuse(
  network: string,
  { input, outputs }: Pick<TeacherSetting, 'input' | 'outputs'>,
  knob: string,
): NetworkDescription {
  const description = describeNetwork(network, input, outputs);
  if ('problem' in description) throw new RunFailure(description.problem, { knob });
  return description;
}

/** Rows, labels, batch size and steps of a teacher that is trained here. */
export function teachingRows(
  { material }: TeacherSetting,
  knobs: { labels: 'all' | 'student'; batch: number; epochs: number },
): Pick<NetworkTraining, 'rows' | 'targets' | 'batch' | 'steps'> {
  const { train } = material.dataset;
  const held = new Set(material.validation);
  const rows =
    knobs.labels === 'student' ? material.labelled : material.known.filter((row) => !held.has(row));
  const batch = Math.min(knobs.batch, rows.length);
  return {
    rows,
    targets: knobs.labels === 'student' ? material.given : targetsOf(train),
    batch,
    steps: knobs.epochs * Math.max(1, Math.floor(rows.length / batch)),
  };
}

/** The plan's networks with the weights of a state; owned by the caller. */
export function restoreNetworks(
  { input, outputs }: TeacherSetting,
  { networks }: TeacherPlan,
  state: TeacherState,
): Network[] {
  return networks.map(({ name }, i) => Network.create(name, input, outputs, state.networks[i]!));
}
