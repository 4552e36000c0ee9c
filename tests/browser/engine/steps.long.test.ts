/** Chains with the kernels for a card, of which workgroups are slow on the software adapter. */
import { chainsAgree, moreOnCard } from './layer-chains';

chainsAgree('a card', moreOnCard);
