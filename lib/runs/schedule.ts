/** When a run measures itself. */
import type { MeasureSchedule } from './types.ts';

/**
 * Steps at which a run of `steps` steps measures, ascending: always 0 and `steps`; every step below `everyBelow` and
 * `pointsPerDecade` log-spaced ones, or every `every` steps.
 */
export function measureSteps(schedule: MeasureSchedule, steps: number): number[] {
  const chosen = new Set([0, steps]);
  if ('every' in schedule) {
    if (!(schedule.every >= 1)) throw new RangeError(`measure.every must be at least 1, got ${schedule.every}`);
    for (let step = 0; step < steps; step += schedule.every) chosen.add(step);
  } else {
    for (let step = 0; step < Math.min(schedule.everyBelow, steps); step++) chosen.add(step);
    for (let point = 0; ; point++) {
      const step = Math.round(10 ** (point / schedule.pointsPerDecade));
      if (step >= steps) break;
      chosen.add(step);
    }
  }
  return [...chosen].sort((a, b) => a - b);
}
