/** From a network's spec to its definition over any op table. */
import type { Ops, TraceOf } from '../../engine/ops';
import type { NetworkSpec } from '../names';
import { cnn } from './cnn';
import { mlp } from './mlp';
import { resnet } from './resnet';
import { vgg } from './vgg';
import { wrn } from './wrn';

/** A network: images [B,H,W,C] (or their shape) to its trace. */
export type NetworkDefinition = <T>(ops: Ops<T>, images: T) => TraceOf<T>;

export function defineNetwork(spec: NetworkSpec, classes: number): NetworkDefinition {
  switch (spec.family) {
    case 'mlp':
      return mlp(spec.widths, classes);
    case 'cnn':
      return cnn(spec, classes);
    case 'resnet':
      return resnet(spec.depth, spec.width, classes);
    case 'wrn':
      return wrn(spec.depth, spec.widening, classes);
    case 'vgg':
      return vgg(spec.depth, classes);
  }
}
