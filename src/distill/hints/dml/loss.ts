import { temperatureKl } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { Trace } from '../../../nn/network';
import type { HintFactory } from '../hint';
import type { dmlKnobs } from './about';

/** How the divergences from several peers are put together. The same for one peer. */
export type PeerReduction = 'mean' | 'sum';

/**
 * Deep mutual learning, one network's part: KL(softmax(peer) || softmax(own)) at temperature 1, over its peers.
 * @param own logits [B,C], differentiable
 * @param peers logits [B,C] each, constants: a peer gets no gradient from this network's loss
 * @returns [B]. Source: Zhang et al. 2018 (`mean`, the paper); the authors' code sums.
 */
export function dmlLosses(own: Tensor, peers: readonly Tensor[], reduction: PeerReduction): Tensor1D {
  if (peers.length === 0) throw new Error('Mutual learning needs at least one peer.');
  return tf.tidy(() => {
    const sum = peers
      .map((peer) => temperatureKl(own, peer, 1))
      .reduce((total, losses) => tf.add(total, losses));
    return reduction === 'mean' ? tf.div(sum, peers.length) : sum;
  });
}

/** Logits of every peer, where the teacher is a group of peers; else of the teacher. */
function peersOf({ logits, more = {} }: Trace): Tensor[] {
  const peers = Object.keys(more).filter((name) => /^peer\d+$/.test(name));
  return peers.length > 0 ? peers.map((name) => more[name]!) : [logits];
}

export const createDml: HintFactory<typeof dmlKnobs> = () => ({
  module: null,
  losses: (student, teacher) => dmlLosses(student.logits, peersOf(teacher), 'mean'),
  dispose: () => undefined,
});
