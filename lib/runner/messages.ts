/** What the pool and its child processes say to each other. */
import type { RunConfig, RunEnd } from '../runs/index.ts';

export interface Plan {
  sweep: string;
  preset: string;
  config: RunConfig;
  varying: readonly string[];
  /** File of a sweep of one's own. */
  definition?: string;
  /** Where to stop before its end, and why. */
  until?: { step: number; why: string };
}

export type ToChild =
  | { kind: 'run'; plan: Plan; root: string }
  /** Write a checkpoint and end. */
  | { kind: 'stop' };

export type FromChild =
  | { kind: 'progress'; step: number; seconds: number }
  | { kind: 'end'; end: RunEnd }
  | { kind: 'error'; message: string };
