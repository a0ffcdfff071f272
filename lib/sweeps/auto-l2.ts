/** Settings of AutoL2 runs, shared by the sweeps that have them. Not a sweep. */
import type { RunConfig } from '../runs/index.ts';

type AutoL2Setting = NonNullable<RunConfig['autoL2']>;

/** The first lambda: 0.1 in both readings. */
export const AUTO_L2_START = 0.1;

/** As the authors' code does it, every 10 steps. */
export const autoL2Code: AutoL2Setting = { reading: 'code', every: 10, factor: 10, refractory: 0.1 };

/** As Algorithm 1 writes it: k = 10 in figure 1c, 5 in the appendix. */
export const autoL2Paper = (every: 5 | 10): AutoL2Setting => ({ ...autoL2Code, reading: 'paper', every });

/** What their file names show. */
export const AUTO_L2_VARYING = ['eta', 'autoL2.reading', 'autoL2.every', 'schedule.kind'];
