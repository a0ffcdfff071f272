/** Figures 1c, S9, S10, S11: AutoL2 against constant lambda. */

import type { Run } from '../runs/index.ts';
import { grade } from './agreement.ts';
import type { Agreement } from './agreement.ts';
import { bestWithin, firstAt, groupBy, hasFinished, meanOf, measured, median } from './curve.ts';
import type { Estimate } from './regress.ts';
import { bestElsewhere, runOf, seedOf, sharedSeeds, surelyAbove } from './seeds.ts';
import { T_STAR_MARGIN } from './summary.ts';

/** Fixed before any run that they can judge was made, but for what says otherwise. */
export const AUTO_L2_RULES = {
  /** Fewer constants decide nothing. */
  constants: 2,
  /** One is better than another when its test accuracy is higher by more than this; as good within it. */
  better: 0.005,
  /** Faster, or sooner, when it needs at most this share of the steps. */
  faster: 0.8,
  /** Changed after the first seed's logs were seen: 1c's times are compared with the soonest of the constants within this of the best. */
  tied: 0.005,
  /**
   * S9: sooner is asked at these shares of the tuned constant's best accuracy, at every one. Changed after the first seed's logs were seen:
   * before, the claim's "sooner" was not tested.
   */
  levels: [0.8, 0.85, 0.9, 0.95],
  /** Rule of 2026-11-29, after all logs of wrn-autol2: only levels from here on are asked; below, no schedule has begun to act. */
  fromLevel: 0.9,
  /** S10: who is ahead early is asked at this share of the run, before the first drop of eta at 0.3. */
  early: 0.25,
  /** And means this much more test accuracy. */
  ahead: 0.01,
  /**
   * The reading that judges: when lambda falls, as in the authors' code. Presets that measure the whole training set (desk) feed it that loss and
   * error, without augmentation; the code feeds it those of the next augmented batch. The others are shown beside.
   */
  reading: 'code',
  /** The constant that overtakes AutoL2 in the paper's S10. */
  paperConstant: 5e-4,
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
  early: Estimate;
}

/** Steps of AutoL2 and of the soonest constant to one accuracy; Infinity where it is never reached. */
export interface Race {
  auto: number;
  constant: number;
  /** AutoL2's share of the constant's steps: geometric mean over seeds, with its interval. */
  ratio: Estimate;
}

/** AutoL2 against the constants, seed by seed. A constant is chosen on the other seeds; with one seed on that one. */
export interface Contest {
  steps: number;
  autos: Contender[];
  /** Smallest lambda first. */
  constants: Contender[];
  /** The constant with the best mean. */
  tuned: Contender | undefined;
  /** The reading that judges. */
  auto: Contender | undefined;
  /** Seeds that AutoL2 and the tuned constant share. */
  seeds: number;
  /** Best accuracy of AutoL2 less that of the chosen constant. */
  gain: Estimate;
  /** The same within AUTO_L2_RULES.early of the run. */
  lead: Estimate;
  /** AutoL2 less the paper's constant 5e-4, where that is among them. */
  paperGain: Estimate | undefined;
  /** To the chosen constant's own best less the margin of t*, against the soonest of the constants tied with it. */
  reached: Race;
  /** S9: to AUTO_L2_RULES.levels of the tuned constant's best, against the constant that is soonest there. */
  levels: (Race & { accuracy: number })[];
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
  const atEnd = (run: Run) => bestWithin(run, steps);
  const atEarly = (run: Run) => bestWithin(run, AUTO_L2_RULES.early * steps);
  const contenders = [...groupBy(finished, nameOf)].map(([name, same]): Contender => {
    const { autoL2, lambda } = same[0]!.header.config;
    return {
      name,
      lambda: autoL2 ? undefined : lambda,
      reading: autoL2?.reading,
      runs: same.sort((a, b) => seedOf(a) - seedOf(b)),
      best: meanOf(same.map(atEnd)),
      early: meanOf(same.map(atEarly)),
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
  const seeds = auto && tuned ? sharedSeeds([auto, tuned]) : [];
  const paired = (value: (run: Run) => number) =>
    meanOf(
      seeds.map((seed) => value(runOf(auto!, seed)!) - value(runOf(bestElsewhere(constants, seed, value)!, seed)!)),
    );
  const paper = constants.find(({ lambda }) => lambda === AUTO_L2_RULES.paperConstant);
  const levels = seeds.length === 0 ? [] : AUTO_L2_RULES.levels.map((share) => share * tuned!.best.value);
  return {
    steps,
    autos,
    constants,
    tuned,
    auto,
    seeds: seeds.length,
    gain: paired(atEnd),
    lead: paired(atEarly),
    paperGain:
      auto && paper
        ? meanOf(sharedSeeds([auto, paper]).map((seed) => atEnd(runOf(auto, seed)!) - atEnd(runOf(paper, seed)!)))
        : undefined,
    reached: race(
      seeds.map((seed) => {
        const chosen = bestElsewhere(constants, seed, atEnd)!;
        const target = atEnd(runOf(chosen, seed)!) - T_STAR_MARGIN;
        const tied = constants.filter(
          (each) => runOf(each, seed) && each.best.value >= chosen.best.value - AUTO_L2_RULES.tied,
        );
        // The chosen one reaches its own best, so that this is finite.
        const constant = Math.min(...[chosen, ...tied].map((each) => timeTo(runOf(each, seed)!, target, steps)));
        return { auto: timeTo(runOf(auto!, seed)!, target, steps), constant };
      }),
      steps,
    ),
    levels: levels.map((accuracy) => ({
      accuracy,
      ...race(
        seeds.map((seed) => {
          const soonest = bestElsewhere(constants, seed, (run) => -Math.min(timeTo(run, accuracy, steps), 2 * steps))!;
          return {
            auto: timeTo(runOf(auto!, seed)!, accuracy, steps),
            constant: timeTo(runOf(soonest, seed)!, accuracy, steps),
          };
        }),
        steps,
      ),
    })),
  };
}

function timeTo(run: Run, accuracy: number, within: number): number {
  const step = firstAt(run, accuracy)?.step ?? Infinity;
  return step <= within ? step : Infinity;
}

/** A constant that never gets there counts with the whole run, which it needs at least; AutoL2 that never does is not faster. */
function race(times: readonly { auto: number; constant: number }[], steps: number): Race {
  const of = (who: 'auto' | 'constant') => median(times.map((each) => each[who]));
  const logs = times.map(({ auto, constant }) => Math.log(Math.max(auto, 1) / Math.max(1, Math.min(constant, steps))));
  const ratio = logs.includes(Infinity) ? { value: Infinity, low: Infinity, high: Infinity } : meanOf(logs);
  return {
    auto: of('auto'),
    constant: of('constant'),
    ratio: { value: Math.exp(ratio.value), low: Math.exp(ratio.low), high: Math.exp(ratio.high) },
  };
}

const testable = ({ constants, seeds }: Contest): boolean => seeds > 0 && constants.length >= AUTO_L2_RULES.constants;

const isFaster = ({ ratio }: Race): boolean => ratio.value <= AUTO_L2_RULES.faster;

/** With its whole interval, over enough seeds. */
const isSurelyFaster = ({ ratio }: Race, seeds: number): boolean =>
  surelyAbove({ value: -ratio.value, low: -ratio.high, high: -ratio.low }, seeds, -1);

/** Figure 1c: AutoL2 reaches the tuned constant's accuracy sooner, and ends higher; both beyond the seeds' interval. */
export function fasterAndBetter(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  const { gain, reached, seeds } = contest;
  const faster = isFaster(reached);
  const better = gain.value > AUTO_L2_RULES.better;
  return grade(
    faster && better && surelyAbove(gain, seeds) && isSurelyFaster(reached, seeds),
    better || (faster && gain.value >= -AUTO_L2_RULES.better),
  );
}

/** Figures S9, S11: AutoL2 ends above every constant, beyond the seeds' interval; in part when as high as the best. */
export function endsHigher(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  const { gain, seeds } = contest;
  return grade(gain.value > AUTO_L2_RULES.better && surelyAbove(gain, seeds), gain.value >= -AUTO_L2_RULES.better);
}

/** Figure S9: AutoL2 reaches several accuracies sooner than every constant; in part when it does so at half of them. */
export function sooner(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  const { levels, seeds } = contest;
  const fast = levels.filter(isFaster);
  return grade(
    fast.length === levels.length && levels.every((level) => isSurelyFaster(level, seeds)),
    fast.length >= levels.length / 2,
  );
}

/** Figure S10: with the learning-rate schedule AutoL2 is ahead early, and a constant overtakes it. Without a lead nothing is overtaken. */
export function overtaken(contest: Contest): Agreement {
  if (!testable(contest)) return 'not tested here';
  const { lead, gain, seeds } = contest;
  const ahead = lead.value >= AUTO_L2_RULES.ahead;
  const behind = gain.value < -AUTO_L2_RULES.better;
  const loss = { value: -gain.value, low: -gain.high, high: -gain.low };
  return grade(ahead && behind && surelyAbove(lead, seeds) && surelyAbove(loss, seeds), ahead);
}

/** Steps at which AutoL2 changed lambda, with the new value. */
export function decays(run: Run): { step: number; epoch: number; lambda: number }[] {
  const rows = measured(run);
  const perStep = (rows.at(-1)?.epoch ?? 0) / (rows.at(-1)?.step || 1);
  return run.events.flatMap((event) =>
    event.kind === 'l2-decay' ? [{ step: event.step, epoch: event.step * perStep, lambda: event.lambda }] : [],
  );
}
