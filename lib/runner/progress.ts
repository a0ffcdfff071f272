/** What a person sees of a sweep: a bar with the time left, and a line for each run that ends. */
import { formatDuration } from './format.ts';
import { costOf } from './cost.ts';
import type { PlannedRun, RunStatus } from './plan.ts';
import type { PoolEvent } from './pool.ts';
import type { RunConfig } from '../runs/index.ts';

/** Where the text goes: process.stderr, or a test's list. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 250;
/** Without a terminal: a line at least this often. */
const PLAIN_MS = 60_000;
const BAR = 24;

/** Relative cost of a whole run, or of its steps until `step`: operations where the model is known, else steps. */
export const workOf = (config: RunConfig, step = config.steps): number => {
  const cost = costOf(config, step);
  return cost ? cost.training + cost.measuring : 1 + step;
};

/** What a run at `step` still has to do. */
export const workLeft = (config: RunConfig, step: number): number => workOf(config) - workOf(config, step);

/** Work between now and the end of the last run, with `jobs` at once. No process shares a run: the longest one is a lower bound. */
export function longestLane(works: readonly number[], jobs: number): number {
  const sum = works.reduce((total, work) => total + work, 0);
  return Math.max(sum / jobs, ...works, 0);
}

/** Share of the run's steps; a run of no steps is measured once, at its start. */
const shareDone = ({ config }: PlannedRun, step: number): number => (config.steps === 0 ? 0 : step / config.steps);

/** Seconds of computing per unit of work, from runs as they are; undefined while nothing was measured. */
export function secondsPerWork(statuses: readonly RunStatus[]): number | undefined {
  let seconds = 0;
  let work = 0;
  for (const { run, step, seconds: spent } of statuses) {
    if (step === 0) continue;
    seconds += spent;
    work += workOf(run.config, step);
  }
  return work > 0 && seconds > 0 ? seconds / work : undefined;
}

export class ProgressView {
  #screen: Screen;
  #total: number;
  #done: number;
  #failed = 0;
  #running = new Map<PlannedRun, { step: number }>();
  /** Work still to do, by run; a run that is over is not in it. */
  #left = new Map<PlannedRun, number>();
  #rate: number | undefined;
  #jobs: number;
  #work = 0;
  #seconds = 0;
  #seen = new Map<PlannedRun, { step: number; seconds: number }>();
  #timer: NodeJS.Timeout;
  #note = '';

  constructor(statuses: readonly RunStatus[], jobs: number, screen: Screen = process.stderr) {
    this.#screen = screen;
    this.#total = statuses.length;
    this.#jobs = jobs;
    this.#rate = secondsPerWork(statuses);
    this.#done = statuses.filter(({ state }) => state === 'finished' || state === 'diverged').length;
    for (const { run, state, step } of statuses) {
      if (state === 'finished' || state === 'diverged' || state === 'damaged') continue;
      this.#left.set(run, workLeft(run.config, step));
    }
    this.#timer = setInterval(() => this.#draw(), screen.isTTY ? REDRAW_MS : PLAIN_MS);
    this.#timer.unref();
  }

  handle(event: PoolEvent): void {
    const { run } = event;
    switch (event.kind) {
      case 'start':
        this.#running.set(run, { step: event.fromStep });
        break;
      case 'progress': {
        this.#running.set(run, { step: event.step });
        this.#learn(run, event.step, event.seconds);
        this.#left.set(run, workLeft(run.config, event.step));
        break;
      }
      case 'done': {
        this.#running.delete(run);
        this.#left.delete(run);
        const { outcome, step, seconds, message } = event;
        if (outcome === 'finished' || outcome === 'diverged') {
          this.#learn(run, step, seconds);
          this.#done++;
        } else if (outcome === 'failed' || outcome === 'damaged') this.#failed++;
        const words = {
          finished: `finished, ${step} steps in ${formatDuration(seconds)}`,
          diverged: `diverged at step ${step}`,
          stopped: `stopped at step ${step}, resumable`,
          failed: 'FAILED',
          damaged: 'DAMAGED',
          elsewhere: 'is being made by another process',
        }[outcome];
        this.#line(`${run.name}: ${words}${message === undefined ? '' : `: ${message}`}`);
        break;
      }
    }
  }

  /** A word beside the bar, e.g. that the sweep is stopping. */
  note(text: string): void {
    this.#note = text;
    if (this.#screen.isTTY) this.#draw();
    else this.#line(text);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#screen.isTTY) this.#screen.write('\r\x1b[K');
  }

  /** Seconds until the last run ends, undefined while unknown. */
  timeLeft(): number | undefined {
    // This session's own speed once it has seen a few seconds; before, that of the logs.
    const rate =
      this.#seconds > 5
        ? this.#seconds / this.#work
        : (this.#rate ?? (this.#seconds > 0 ? this.#seconds / this.#work : undefined));
    if (rate === undefined) return undefined;
    return rate * longestLane([...this.#left.values()], this.#jobs);
  }

  #learn(run: PlannedRun, step: number, seconds: number): void {
    const before = this.#seen.get(run);
    this.#seen.set(run, { step, seconds });
    if (!before || seconds <= before.seconds) return;
    this.#work += workOf(run.config, step) - workOf(run.config, before.step);
    this.#seconds += seconds - before.seconds;
  }

  #draw(): void {
    const inRuns = [...this.#running].reduce((sum, [run, { step }]) => sum + shareDone(run, step), 0);
    const share = this.#total === 0 ? 1 : Math.min(1, (this.#done + inRuns) / this.#total);
    const left = this.timeLeft();
    const time = left === undefined ? 'time left unknown' : `${formatDuration(left)} left`;
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    const counts = `${this.#done}/${this.#total} runs${failed}, ${time}`;
    const running = [...this.#running]
      .map(([run, { step }]) => `${run.name} ${Math.floor(100 * shareDone(run, step))} %`)
      .join('  ');
    if (!this.#screen.isTTY) {
      this.#line(`${counts}${running ? `; running: ${running}` : ''}`);
      return;
    }
    const filled = Math.round(BAR * share);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
    const text = `${bar} ${counts}${this.#note ? `  ${this.#note}` : ''}  ${running}`;
    this.#screen.write(`\r\x1b[K${text.slice(0, (this.#screen.columns ?? 80) - 1)}`);
  }

  #line(text: string): void {
    this.#screen.write(`${this.#screen.isTTY ? '\r\x1b[K' : ''}${text}\n`);
  }
}
