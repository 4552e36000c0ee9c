/**
 * Named random streams. Every random choice of a run draws from a stream forked from the recipe's seed by name
 * ("order", "init/student", "noise", ...), so that turning one thing on never moves another.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A stream of random numbers whose position can be saved and restored. */
export class RandomStream {
  private readonly generator: RandomGenerator;

  private constructor(generator: RandomGenerator) {
    this.generator = generator;
  }

  /** The stream called `name` under `seed`; the same pair always gives the same numbers. */
  static fork(seed: number, name: string): RandomStream {
    return new RandomStream(xoroshiro128plus(hash(`${seed}/${name}`)));
  }

  /** A stream that goes on where `state()` was taken. */
  static restore(state: readonly number[]): RandomStream {
    return new RandomStream(xoroshiro128plusFromState(state));
  }

  state(): readonly number[] {
    return this.generator.getState();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  /** Integer, uniform in [0, bound). */
  below(bound: number): number {
    return uniformInt(this.generator, 0, bound - 1);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<A extends { length: number; [index: number]: number }>(values: A): A {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
    return values;
  }
}

/** FNV-1a over UTF-16 code units, as a signed 32-bit integer. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value | 0;
}
