/** Records a teacher's training: weights and logits of its states after some epochs. */
import { pickTargets, targetsOf, type Targets } from '../../data/dataset';
import { equalIntervalEpochs, intervalFor } from '../../distill/teachers/route/anchors';
import type { routeKnobs } from '../../distill/teachers/route/about';
import type { ValuesOf } from '../../distill/knobs';
import type { Tensor } from '../../engine/tf';
import { primaryScore } from '../../distill/tasks/task';
import type { NamedArray } from '../../nn/module';
import type { Network } from '../../nn/network';
import { RandomStream } from '../../random/streams';
import { logitsOf, stratifiedSample } from '../evaluate';
import { teachingRows } from './teacher-networks';
import type { TeacherSetup, TeacherSetting } from './teacher';

/** Most images on which states are compared. */
const comparedImages = 256;
/** Most epochs at which accuracy is measured, beside those that are kept. */
const measuredEpochs = 30;

export type RouteKnobs = ValuesOf<typeof routeKnobs>;

export interface RouteState {
  epoch: number;
  /** The task's first score on the compared images. */
  accuracy: number;
  /** Missing in states of older page versions. */
  weak?: boolean;
  /** [images*C] logits on the compared images and the weights; null for a state that is not kept. */
  kept: { logits: Float32Array; weights: NamedArray[] } | null;
}

/** Images on which states are compared: validation images, or without a validation split a sample of the training images. */
export interface Compared {
  heldOut: boolean;
  rows: Int32Array;
  /** The true ones of these rows. */
  targets: Targets;
}

export function comparedImagesOf(setting: TeacherSetting, knobs: RouteKnobs): Compared {
  const { validation, dataset, task } = setting.material;
  const truth = targetsOf(dataset.train);
  const heldOut = validation.length > 0;
  const rows = stratifiedSample(
    heldOut ? validation : teachingRows(setting, knobs).rows,
    task.strata(truth),
    comparedImages,
    RandomStream.fork(setting.recipe.seed, 'route/compared'),
  );
  return { heldOut, rows, targets: pickTargets(truth, rows) };
}

/** Epochs whose weights are kept. */
export function keptEpochs({ strategy, epochs, anchors, snapshotEvery }: RouteKnobs): number[] {
  switch (strategy) {
    case 'one-stage':
    case 'stages':
      return equalIntervalEpochs(epochs, intervalFor(epochs, anchors));
    case 'greedy':
      return equalIntervalEpochs(epochs, snapshotEvery);
    case 'final':
      return [epochs];
  }
}

/** Records the states of a network in training. */
export class RouteRecord {
  readonly states: RouteState[];
  private readonly network: Network;
  private readonly setup: TeacherSetup;
  private readonly knobs: RouteKnobs;
  private readonly compared: Compared;
  private readonly kept: Set<number>;

  /** @param states recorded before, by a record of the same plan */
  constructor(network: Network, setup: TeacherSetup, states: readonly RouteState[]) {
    this.network = network;
    this.setup = setup;
    this.knobs = setup.setting.recipe.teacher.knobs as RouteKnobs;
    this.compared = comparedImagesOf(setup.setting, this.knobs);
    this.kept = new Set(keptEpochs(this.knobs));
    this.states = [...states];
  }

  /** Call after an epoch (counted from 1). @param last keeps the state at any epoch */
  async write(epoch: number, last = false): Promise<void> {
    const keeps = last || this.kept.has(epoch);
    const every = Math.ceil(this.knobs.epochs / measuredEpochs);
    if (!keeps && epoch % every !== 0) return;
    const { setting, normalisation } = this.setup;
    const { rows, targets } = this.compared;
    const { task } = setting.material;
    const logits = await logitsOf(
      (images: Tensor) => this.network.forward(images, { training: false }).logits,
      setting.source,
      setting.material.dataset.train,
      rows,
      normalisation,
      setting.outputs,
    );
    const measured = task.measure(logits, targets);
    this.states.push({
      epoch,
      accuracy: primaryScore(task, measured),
      weak: task.isWeak(measured),
      kept: keeps ? { logits, weights: await this.network.module.exportState() } : null,
    });
  }
}
