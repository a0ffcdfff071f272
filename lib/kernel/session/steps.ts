import { types } from 'node:util';

/** What may have to wait on its way: each promise that it yields comes back as what it is fulfilled with. */
export type Steps<T> = Generator<unknown, T, unknown>;

/** Takes the steps at once as long as none of them has to wait. */
export function take<T>(steps: Steps<T>): T | Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    if (types.isPromise(step.value)) return takeLater(steps, step.value);
    step = steps.next(step.value);
  }
  return step.value;
}

async function takeLater<T>(steps: Steps<T>, first: Promise<unknown>): Promise<T> {
  let awaited: unknown = first;
  for (;;) {
    let step: IteratorResult<unknown, T>;
    try {
      step = steps.next(await awaited);
    } catch (error) {
      step = steps.throw(error);
    }
    if (step.done === true) return step.value;
    awaited = step.value;
  }
}
