import { types } from 'node:util';
import { Error, Promise, Set, Symbol, thenOf } from './intrinsics.ts';

/** What a cell that is interrupted throws. */
export class InterruptError extends Error {
  override readonly name = 'InterruptError';

  constructor() {
    super('the cell was interrupted');
    this.stack = `${this.name}: ${this.message}`;
  }
}

const { isPromise } = types;

type Reject = (reason: InterruptError) => void;

/**
 * The awaits of cells. V8 can end a synchronous loop but not a pending await, so cells await through here: an
 * interrupt rejects all that is pending, and what awaited unwinds through its `finally` blocks.
 */
export class Awaits {
  readonly #pending = new Set<Reject>();

  /**
   * Each promise on the way has one reaction, and the last one gets `resolve` and `reject` as they are: so V8 can follow
   * the way from whatever throws to the await in the cell, and names its line.
   * @param failed told the reason of a rejection before the cell sees it
   * @returns the value itself, or a promise of it that an interrupt rejects.
   */
  await(value: unknown, failed?: (reason: unknown) => void): unknown {
    if (!isThenable(value)) return value;
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const settle = (): void => void this.#pending.delete(reject);
      const refuse = (reason: unknown): void => {
        settle();
        failed?.(reason);
      };
      if (isPromise(value)) {
        const settled = thenOf(
          value,
          (result) => {
            settle();
            return result;
          },
          (reason: unknown) => {
            refuse(reason);
            throw reason;
          },
        );
        void thenOf(settled, resolve, reject);
        return;
      }
      // Asked once: a query, say, runs whenever its `then` is called.
      value.then(
        (result) => {
          settle();
          return resolve(result);
        },
        (reason: unknown) => {
          refuse(reason);
          reject(reason);
        },
      );
    });
  }

  /** An iterable whose every step can be interrupted; the iterator is then told to return, so that it cleans up. */
  iterate(
    iterable: AsyncIterable<unknown> | Iterable<unknown>,
    failed?: (reason: unknown) => void,
  ): AsyncIterable<unknown> {
    const asynchronous = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator];
    if (typeof asynchronous !== 'function') return iterable as unknown as AsyncIterable<unknown>;
    const iterator = asynchronous.call(iterable);
    const step = (next: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> =>
      (this.await(next, failed) as Promise<IteratorResult<unknown>>).catch((error: unknown) => {
        if (error instanceof InterruptError) iterator.return?.()?.catch?.(() => {});
        throw error;
      });
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => step(Promise.resolve(iterator.next())),
        return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value },
      }),
    };
  }

  interrupt(error: InterruptError): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const reject of pending) reject(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
