/** More losses in stock ops than `capture-generality.test.ts` replays. */
import { onWebgpu } from '../on-webgpu';
import { compositions, replayedLosses } from './stock-losses';

onWebgpu({ allOps: true });

replayedLosses(compositions);
