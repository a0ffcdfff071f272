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

  affords(cost: number): boolean {
    return this.#spent + cost <= START_UP_MS + SHARE * this.#worked;
  }
}

/** The checks of one function with one signature. */
export class CheckSchedule {
  readonly #budget: CheckBudget;
  readonly #check: () => void;
  /** Of the last check, ms. */
  #cost = 0;
  #checks = 0;
  #calls = 0;
  #steps = 0;
  #next = 0;
  #unchecked = false;

  /** @param check throws where the function has changed */
  constructor(budget: CheckBudget, check: () => void) {
    this.#budget = budget;
    this.#check = check;
  }

  /** Before a call that does `steps` steps. */
  beforeCall(steps: number): void {
    this.#calls++;
    const first = this.#calls === STEPS && this.#checks === 0; // whatever it costs
    const isDue = this.#calls <= STEPS || this.#steps >= this.#next;
    if (first || (isDue && this.canAfford)) this.check();
    this.#steps += steps;
    this.#unchecked = true;
  }

  /** @throws whatever the check throws */
  check(): void {
    this.#cost = this.#budget.checking(this.#check);
    this.#checks++;
    this.#unchecked = false;
    const distance = Math.max(STEPS, PART * this.#steps);
    this.#next = this.#steps + Math.ceil(distance * (0.5 + 0.5 * random()));
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
