import type { JoinedDefinition, NetworkDefinition } from '../../../nn/networks/define-network';
import { prefixed } from '../../../nn/prefixed';
import { selfAnalyse, type CodeWidths } from './heads';

/** Before the heads' parameters' names; the others are called as in the network alone. */
export const headsPrefix = 'heads.';

/**
 * A network with self-analysing heads on its embedding. Its trace is the network's own; `more` holds the codes
 * (`abstractCode`, `detailedCode`) and what the heads read back from them (`abstractLogits`, `detailedLogits`).
 */
export function withHeads(network: NetworkDefinition, widths: CodeWidths, classes: number): JoinedDefinition {
  return (ops, images) => {
    const trace = network(ops, images);
    const { codes, logits } = selfAnalyse(prefixed(ops, headsPrefix), trace.embedding, widths, classes);
    return {
      ...trace,
      more: {
        abstractCode: codes.abstract,
        detailedCode: codes.detailed,
        abstractLogits: logits.abstract,
        detailedLogits: logits.detailed,
      },
    };
  };
}
