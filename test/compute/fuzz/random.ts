/** Random choices that a seed repeats. */
import { philox } from '../../../lib/random/index.ts';

export class Random {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** From `low` to `high` - 1. */
  integer(low: number, high: number): number {
    const [bits] = philox([this.#count++, 0, 0, 0], [this.#seed, 0x66757a7a]);
    return low + ((bits as number) % (high - low));
  }

  of<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length)] as T;
  }

  entry<T>(table: Record<string, T>): [string, T] {
    return this.of(Object.entries(table));
  }
}
