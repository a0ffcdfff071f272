/** Figures 1c, S9, S10, S11: AutoL2 against constant lambda. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, firstAt, groupBy, hasFinished, meanOf, measured, median } from './curve.ts';
import type { Estimate } from './regress.ts';
import { T_STAR_MARGIN } from './summary.ts';

/** Fixed before any run that they can judge was made. */
export const AUTO_L2_RULES = {
  /** Fewer constants decide nothing. */
  constants: 2,
  /** One is better than another when its test accuracy is higher by more than this; as good within it. */
  better: 0.005,
  /** Faster when it needs at most this share of the steps. */
  faster: 0.8,
  /** S10: who is ahead early is asked at this share of the run, before the first drop of eta at 0.3. */
  early: 0.25,
  /** And means this much more test accuracy. */
  ahead: 0.01,
  /** The reading that judges: that of the authors' code, with which the paper's figures were made. The others are shown beside. */
  reading: 'code',
} as const;

/** One way of choosing lambda, over its seeds. */
export interface Contender {
  name: string;
  /** The constant, or undefined for AutoL2. */
  lambda: number | undefined;
  reading: string | undefined;
  runs: Run[];
  /** Best test accuracy within the AutoL2 run's length. */
  best: Estimate;
  /** Best within AUTO_L2_RULES.early of it. */
  early: number;
}

export interface Contest {
  steps: number;
  autos: Contender[];
  /** Smallest lambda first. */
  constants: Contender[];
  tuned: Contender | undefined;
  /** The reading that judges. */
  auto: Contender | undefined;
  /** Its best accuracy less that of the tuned constant. */
  gain: number;
  /** Steps to the tuned constant's accuracy less the margin of t*, of AutoL2 and of that constant itself; Infinity where never reached. */
  reached: { auto: number; tuned: number };
}

/** AutoL2's name in tables and legends. */
function nameOf(run: Run): string {
  const { autoL2, lambda } = run.header.config;
  if (!autoL2) return `λ = ${lambda}`;
  return autoL2.reading === 'code' ? `AutoL2, code, k = ${autoL2.every}` : `AutoL2, paper, k = ${autoL2.every}`;
}

/** AutoL2 runs against constants, all with the same other settings. Only finished runs count. */
export function contest(runs: readonly Run[]): Contest {
  const finished = runs.filter(hasFinished);
  const autoRuns = finished.filter((run) => run.header.config.autoL2);
  const steps = Math.max(...(autoRuns.length > 0 ? autoRuns : finished).map((run) => run.header.config.steps));
  const contenders = [...groupBy(finished, nameOf)].map(([name, same]): Contender => {
    const { autoL2, lambda } = same[0]!.header.config;
    return {
      name,
      lambda: autoL2 ? undefined : lambda,
      reading: autoL2?.reading,
      runs: same,
      best: meanOf(same.map((run) => bestWithin(run, steps))),
      early: meanOf(same.map((run) => bestWithin(run, AUTO_L2_RULES.early * steps))).value,
    };
  });
  const autos = contenders.filter(({ lambda }) => lambda === undefined);
  const constants = contenders
    .filter(({ lambda, best }) => lambda !== undefined && Number.isFinite(best.value))
    .sort((a, b) => a.lambda! - b.lambda!);
  const tuned = constants.reduce<Contender | undefined>(
    (top, next) => (top && top.best.value >= next.best.value ? top : next),
    undefined,
  );
  const auto = autos.find(({ reading }) => reading === AUTO_L2_RULES.reading);
  const target = (tuned?.best.value ?? NaN) - T_STAR_MARGIN;
  const time = (contender: Contender | undefined) =>
    contender ? median(contender.runs.map((run) => firstAt(run, target)?.step ?? Infinity)) : NaN;
  return {
    steps,
    autos,
    constants,
    tuned,
    auto,
    gain: (auto?.best.value ?? NaN) - (tuned?.best.value ?? NaN),
    reached: { auto: time(auto), tuned: time(tuned) },
  };
}

const testable = ({ auto, constants }: Contest): boolean =>
  auto !== undefined && constants.length >= AUTO_L2_RULES.constants;

/** Figure 1c: AutoL2 reaches the tuned constant's accuracy sooner, and ends higher. */
export function fasterAndBetter(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  const faster = contest.reached.auto <= AUTO_L2_RULES.faster * contest.reached.tuned;
  const better = contest.gain > AUTO_L2_RULES.better;
  return grade(faster && better, better || (faster && contest.gain >= -AUTO_L2_RULES.better));
}

/** Figures S9, S11: AutoL2 ends above every constant; in part when as high as the best. */
export function endsHigher(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  return grade(contest.gain > AUTO_L2_RULES.better, contest.gain >= -AUTO_L2_RULES.better);
}

/** Figure S10: with the learning-rate schedule AutoL2 is ahead early, and a constant overtakes it. */
export interface Overtaken {
  agreement: Agreement;
  /** AutoL2 less the best constant at AUTO_L2_RULES.early of the run. */
  lead: number;
}

export function overtaken(contest: Contest): Overtaken {
  const lead = (contest.auto?.early ?? NaN) - Math.max(...contest.constants.map(({ early }) => early));
  const early = lead >= AUTO_L2_RULES.ahead;
  const late = contest.gain < -AUTO_L2_RULES.better;
  return { agreement: testable(contest) ? grade(early && late, early || late) : 'not tested here', lead };
}

/** Steps at which AutoL2 changed lambda, with the new value. */
export function decays(run: Run): { step: number; epoch: number; lambda: number }[] {
  const rows = measured(run);
  const perStep = (rows.at(-1)?.epoch ?? 0) / (rows.at(-1)?.step || 1);
  return run.events.flatMap((event) =>
    event.kind === 'l2-decay' ? [{ step: event.step, epoch: event.step * perStep, lambda: event.lambda }] : [],
  );
}
