/** More chains than `steps.test.ts` has; those with the kernels for a card have workgroups that are slow in software. */
import { chainsAgree, moreChains, onCard } from './layer-chains';

chainsAgree('the software adapter', moreChains);
chainsAgree('a card', onCard);
