import { expect, it } from 'vitest';
import { Partners } from '../../../src/distill/material/partners';
import { RandomStream } from '../../../src/random/streams';

const classes = Int32Array.from([0, 1, 0, 1, 0, 2, -1, 0, 1]);
const candidates = Int32Array.from([0, 1, 2, 3, 4, 5, 8]);
const rows = Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8]);
const partners = () => new Partners(classes, candidates, RandomStream.fork(3, 'partners'));

it('partners are other rows of the same class, among those that may be partners', () => {
  const drawn = partners();
  const seen = Array.from({ length: 60 }, () => drawn.of(rows));
  for (const [row, label] of classes.entries()) {
    const mates = Array.from(candidates).filter((mate) => mate !== row && classes[mate] === label);
    const found = [...new Set(seen.map((of) => of[row]!))].sort((a, b) => a - b);
    // One alone in its class, and one without a class, is its own partner.
    expect(found).toEqual(mates.length > 0 && label >= 0 ? mates : [row]);
  }
});

it('go on from a state', () => {
  const [first, second] = [partners(), partners()];
  first.of(rows);
  second.restore(first.state());
  expect(second.of(rows)).toEqual(first.of(rows));
});
