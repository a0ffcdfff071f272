/**
 * AutoL2: start with a large lambda and divide it by ten whenever loss or error stops improving. A plain class, no
 * TensorFlow: any training loop can ask it for the lambda of the next update.
 *
 *     const autoL2 = new AutoL2();
 *     for (let step = 0; step < steps; step++) {
 *       if (autoL2.isDue(step)) autoL2.measure(step, { loss, error }); // of a training batch, without the L2 term
 *       update(autoL2.lambda);
 *     }
 */

/** Which of the two descriptions that disagree: Algorithm 1 of the paper's supplement E, or the authors' published code. */
export type AutoL2Reading = 'paper' | 'code';

export interface AutoL2Options {
  /** Default `code`: the figures were made with it. */
  reading?: AutoL2Reading;
  /** First lambda, default 0.1. */
  lambda?: number;
  /** Steps between measurements; default 10 (figure 1c; supplement E says 5). */
  every?: number;
  /** Each decay divides lambda by this; default 10. */
  factor?: number;
  /** No decay for `refractory` / lambda steps after one; default 0.1. Neither description has eta in it. */
  refractory?: number;
}

/** Plain JSON: what a checkpoint keeps. Null stands for "none yet". */
export interface AutoL2State {
  lambda: number;
  measurements: number;
  last: { step: number; loss: number; error: number; decayed: boolean } | null;
  minLoss: number | null;
  minError: number | null;
  /** `paper`: no decay up to this step of its own counting. `code`: the step of the last decay. */
  mark: number;
}

export class AutoL2 {
  readonly reading: AutoL2Reading;
  readonly every: number;
  readonly factor: number;
  readonly refractory: number;
  #state: AutoL2State;

  /** @throws RangeError for a lambda, every, factor or refractory that makes no schedule */
  constructor(options: AutoL2Options = {}) {
    const { reading = 'code', lambda = 0.1, every = 10, factor = 10, refractory = 0.1 } = options;
    if (reading !== 'paper' && reading !== 'code') {
      throw new RangeError(`AutoL2 reading must be 'paper' or 'code', got ${String(reading)}`);
    }
    if (!(lambda > 0 && Number.isFinite(lambda))) throw new RangeError(`AutoL2 lambda must be positive, got ${lambda}`);
    if (!(Number.isInteger(every) && every >= 1)) {
      throw new RangeError(`AutoL2 every must be a whole number from 1, got ${every}`);
    }
    if (!(factor > 1)) throw new RangeError(`AutoL2 factor must be above 1, got ${factor}`);
    if (!(refractory >= 0)) throw new RangeError(`AutoL2 refractory must be at least 0, got ${refractory}`);
    this.reading = reading;
    this.every = every;
    this.factor = factor;
    this.refractory = refractory;
    this.#state = { lambda, measurements: 0, last: null, minLoss: null, minError: null, mark: 0 };
  }

  /** The lambda in force for the next update. */
  get lambda(): number {
    return this.#state.lambda;
  }

  /**
   * Whether to measure after `step` updates, i.e. before the update of step `step`. The code measures before the updates of
   * steps 0, k, 2k, ...; Algorithm 1 after those of its steps t = 0, k, 2k, ..., which is one update later.
   */
  isDue(step: number): boolean {
    return this.reading === 'code' ? step % this.every === 0 : step >= 1 && (step - 1) % this.every === 0;
  }

  /**
   * Takes one measurement, made after `step` updates, and returns whether lambda decayed. `loss` is without the L2 term,
   * `error` is the fraction of wrong answers; both of a training batch. A step measured before, e.g. after a resume, changes
   * nothing and returns what it returned.
   */
  measure(step: number, { loss, error }: { loss: number; error: number }): boolean {
    const { last } = this.#state;
    if (last && step < last.step) {
      throw new RangeError(`AutoL2 measured step ${last.step} already: step ${step} comes too late`);
    }
    if (last?.step === step) return last.decayed;
    const decayed = this.reading === 'paper' ? this.#paper(step - 1, loss, error) : this.#code(step, loss, error);
    this.#state.measurements++;
    this.#state.last = { step, loss, error, decayed };
    return decayed;
  }

  /** Algorithm 1; `t` counts from 0. An error or loss is bad when it exceeds its minimum twice in a row. */
  #paper(t: number, loss: number, error: number): boolean {
    const state = this.#state;
    const [minLoss, minError] = [state.minLoss ?? Infinity, state.minError ?? Infinity];
    const before = state.last ?? { loss: Infinity, error: Infinity };
    const bad = (loss > minLoss && before.loss > minLoss) || (error > minError && before.error > minError);
    if (bad && t > state.mark) {
      state.lambda /= this.factor;
      state.mark = t + this.refractory / state.lambda;
      return true;
    }
    this.#remember(Math.min(before.loss, minLoss), Math.min(before.error, minError));
    return false;
  }

  /** The authors' code: "at least" for "exceeds", and a refractory period at the start too. */
  #code(step: number, loss: number, error: number): boolean {
    const state = this.#state;
    const { last, minLoss, minError } = state;
    // This measurement is the third at least exactly when there are minima.
    const ready = step > this.refractory / state.lambda + state.mark;
    if (ready && last && minLoss !== null && minError !== null) {
      const bad = (minLoss <= loss && minLoss <= last.loss) || (minError <= error && minError <= last.error);
      if (bad) {
        state.lambda /= this.factor;
        state.mark = step;
        return true;
      }
    }
    if (last) this.#remember(Math.min(last.loss, minLoss ?? Infinity), Math.min(last.error, minError ?? Infinity));
    return false;
  }

  #remember(minLoss: number, minError: number): void {
    // Infinity is "none yet", and no JSON.
    this.#state.minLoss = minLoss === Infinity ? null : minLoss;
    this.#state.minError = minError === Infinity ? null : minError;
  }

  /** A copy for a checkpoint. */
  save(): AutoL2State {
    return structuredClone(this.#state);
  }

  /** Goes on from what `save` returned. */
  restore(state: AutoL2State): void {
    this.#state = structuredClone(state);
  }
}
