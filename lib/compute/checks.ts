/**
 * When to run a program's functions again and compare: often enough that a number which changed in JavaScript is found within 8 calls or
 * 1 % of the steps done, whichever is more, at irregular distances so that no period hides, and for no more than 2 % of the program's time
 * (and 50 ms).
 */
import { performance } from 'node:perf_hooks';

const { random } = Math; // a step may not call it, this may
const now = performance.now.bind(performance);

/** Part of the time of compiling and running that checks may take. */
const SHARE = 0.02;
/** What they may take besides, ms: a program's first calls are checked before it has taken long. */
const START_UP_MS = 50;
/** Longest distance between two checks, in steps and as a part of the steps done. */
const STEPS = 8;
const PART = 0.01;

/** After so many changes of state without a consequence, a warning says what they cost. */
const WARN_AT = 32;

/** What a program's checks may cost. */
export class CheckBudget {
  /** Time of compiling, running and checking so far, ms. */
  #worked = 0;
  /** Of that, checking. */
  #spent = 0;

  /** Counts the time of `work`. */
  working<T>(work: () => T): T {
    const before = now();
    try {
      return work();
    } finally {
      this.#worked += now() - before;
    }
  }

  /** Runs a check; its time, ms. */
  checking(check: () => void): number {
    const before = now();
    check();
    const cost = now() - before;
    this.#spent += cost;
    this.#worked += cost;
    return cost;
  }

  /** Whether `cost` at each of so many calls is no more than its share. */
  isShareOf(cost: number, calls: number): boolean {
    return cost * calls <= SHARE * this.#worked;
  }

  affords(cost: number): boolean {
    return this.#spent + cost <= START_UP_MS + SHARE * this.#worked;
  }
}

/** How a function is checked. */
export interface Checks {
  /** Traces it again; throws where it has changed. */
  trace(): void;
  /** What has changed of the JavaScript state that is watched, in words; undefined if nothing has, or nothing is. */
  changed(): string | undefined;
  /** The same for state that takes longer to compare. */
  changedInDepth(): string | undefined;
  /**
   * Traces it again after a change and watches the new state; throws where the graph would be another.
   * @param inDepth with the functions that it calls now
   */
  accept(change: string, inDepth: boolean): void;
  /** Whether all of the state is watched. */
  isWatched(): boolean;
}

/** The checks of one function with one signature. */
export class CheckSchedule {
  readonly #budget: CheckBudget;
  readonly #checks: Checks;
  /** Of the last trace, of looking at the state, ms. */
  #cost = 0;
  #lookCost = 0;
  #traces = 0;
  #calls = 0;
  #steps = 0;
  #next = STEPS;
  /** Steps at which the state is looked at again. */
  #nextLook = 0;
  #unchecked = false;
  /** Changes that made no other graph. */
  #harmless = 0;
  /** Of them, those after which the functions that are called were looked for. */
  #followed = 0;

  constructor(budget: CheckBudget, checks: Checks) {
    this.#budget = budget;
    this.#checks = checks;
  }

  /** Before a call that does `steps` steps. */
  beforeCall(steps: number): void {
    this.#calls++;
    this.#look();
    const first = this.#calls === STEPS && this.#traces === 0; // whatever it costs
    const isDue = (this.#calls <= STEPS && !this.#checks.isWatched()) || this.#steps >= this.#next;
    if (first || (isDue && this.canAfford)) this.check();
    this.#steps += steps;
    this.#unchecked = true;
  }

  /** Looks at the state, each time if that takes no more than its share, else as often as promised. */
  #look(): void {
    if (this.#steps < this.#nextLook) return;
    let change: string | undefined;
    const cost = this.#budget.checking(() => (change = this.#checks.changed()));
    this.#lookCost = this.#lookCost === 0 ? cost : Math.min(cost, 0.9 * this.#lookCost + 0.1 * cost);
    const isCheap = this.#budget.isShareOf(this.#lookCost, this.#calls) || this.#budget.affords(this.#lookCost * STEPS);
    this.#nextLook = this.#steps + (isCheap ? 0 : Math.ceil(this.#distance() * (0.5 + 0.5 * random())));
    if (change === undefined) return;
    const found = change;
    this.#cost = this.#budget.checking(() => this.#checks.accept(found, false));
    this.#harmless++;
    if (this.#harmless === WARN_AT) {
      console.warn(
        `a compiled function reads JavaScript that changes from call to call, without a consequence so far: ${found}. It is traced at each ` +
          `call, in ${this.#cost.toFixed(1)} ms: make it an input, or give it a name that the function does not use`,
      );
    }
  }

  /** @throws whatever the checks throw */
  check(): void {
    const { trace, changed, changedInDepth, accept } = this.#checks;
    this.#cost = this.#budget.checking(() => {
      const change = changed() ?? changedInDepth();
      if (change !== undefined || this.#harmless > this.#followed) accept(change ?? 'nothing', true);
      else trace();
    });
    this.#followed = this.#harmless;
    this.#traces++;
    this.#unchecked = false;
    this.#next = this.#steps + Math.ceil(this.#distance() * (0.5 + 0.5 * random()));
  }

  #distance(): number {
    return Math.max(STEPS, PART * this.#steps);
  }

  get canAfford(): boolean {
    return this.#budget.affords(this.#cost);
  }

  /** Whether calls were made since the last check, in the same go. */
  get hasUnchecked(): boolean {
    return this.#unchecked;
  }

  /** The calls made in one go are over: from now on JavaScript may change without a step having seen it. */
  endOfCalls(): void {
    this.#unchecked = false;
  }
}
