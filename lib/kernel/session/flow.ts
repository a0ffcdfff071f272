import { Atomics, Int32Array } from './intrinsics.ts';

/** So many outputs may be on their way to the kernel; then the cell waits, or they would pile up in memory. */
const WINDOW = 256;
/** Looked at anew after so many ms, should a wake-up be missed. */
const LOOK = 50;

/** The main thread's end: holds it up while the controller has not handed on what it sent. */
export class Outflow {
  readonly #handedOn: Int32Array;
  #sent = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#handedOn = new Int32Array(shared);
  }

  /** To be called before each output; an interrupt ends the waiting as any other code. */
  wait(): void {
    this.#sent = (this.#sent + 1) | 0;
    for (;;) {
      const handedOn = Atomics.load(this.#handedOn, 0);
      if (((this.#sent - handedOn) | 0) <= WINDOW) return;
      Atomics.wait(this.#handedOn, 0, handedOn, LOOK);
    }
  }
}

/** The controller's end: lets the main thread go on as fast as the kernel takes what it is sent. */
export class Inflow {
  readonly #handedOn: Int32Array;
  readonly #isFull: () => boolean;
  #held = 0;

  /** @param isFull whether what was handed on is still on its way */
  constructor(shared: SharedArrayBuffer, isFull: () => boolean) {
    this.#handedOn = new Int32Array(shared);
    this.#isFull = isFull;
  }

  /** An output has been handed on. */
  received(): void {
    this.#held++;
    if (!this.#isFull()) this.drained();
  }

  drained(): void {
    if (this.#held === 0) return;
    Atomics.add(this.#handedOn, 0, this.#held);
    this.#held = 0;
    Atomics.notify(this.#handedOn, 0);
  }
}
