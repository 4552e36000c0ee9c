/** Maps a network's spec to its definition over any op table. */
import type { JoinOps, Ops, TraceOf } from '../../engine/ops';
import type { NetworkSpec } from '../network-names';
import { cnn } from './cnn';
import { eluBlocks, eluCnn } from './elu-cnn';
import { mlp } from './mlp';
import { mobilenetV2 } from './mobilenet';
import { wideMobilenetV2 } from './mobilenet-wide';
import { resnet } from './resnet';
import { imagenetResnet } from './resnet-imagenet';
import { shufflenetV1 } from './shufflenet-v1';
import { shufflenetV2 } from './shufflenet-v2';
import { vgg } from './vgg';
import { vggBn } from './vgg-bn';
import { wrn } from './wrn';

/** A stage whose output is given in place of what the layers up to it make of the images. */
export interface Midway<T> {
  /** Index among the stages of the trace. */
  stage: number;
  /** [B,H,W,C] of that stage's shape. */
  map: T;
}

/**
 * A network: maps images [B,H,W,C] (or their shape) to its trace. Families that `startsMidway` (network-names.ts) names
 * can start behind a stage; the trace then has the later stages only.
 */
export type NetworkDefinition = <T>(ops: Ops<T>, images: T, from?: Midway<T>) => TraceOf<T>;

/** Several networks joined in one; every network is also one of these. */
export type JoinedDefinition = <T>(ops: JoinOps<T>, images: T, from?: Midway<T>) => TraceOf<T>;

export function defineNetwork(spec: NetworkSpec, classes: number): NetworkDefinition {
  const define = defineBody(spec, classes);
  return spec.eachColour ? (ops, images, from) => define(ops, ops.batchNorm(images, colours), from) : define;
}

/** Name of the batch norm that normalises each colour by itself, before the network. */
export const colours = 'colours';

function defineBody(spec: NetworkSpec, classes: number): NetworkDefinition {
  switch (spec.family) {
    case 'mlp':
      return mlp(spec.widths, classes);
    case 'cnn':
      return cnn(spec, classes);
    case 'elu':
      return eluCnn({ blocks: eluBlocks(spec.widths, spec.convsPerBlock), activation: 'elu' }, classes);
    case 'resnet':
      return resnet(spec.depth, spec.width, classes);
    case 'wrn':
      return wrn(spec.depth, spec.widening, classes);
    case 'vgg':
      return vgg(spec.depth, classes);
    case 'mobilenet-v2':
      return mobilenetV2(classes);
    case 'shufflenet-v1':
      return shufflenetV1(classes);
    case 'shufflenet-v2':
      return shufflenetV2(classes);
    case 'imagenet-resnet':
      return imagenetResnet(spec.depth, spec.stem, classes);
    case 'vgg-bn':
      return vggBn(spec, classes);
    case 'wide-mobilenet-v2':
      return wideMobilenetV2(spec.images, classes);
  }
}
