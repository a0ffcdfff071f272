/** Lambda for a training budget, predicted from one short run at a large lambda (paper, section 3 and figures 1b, S3, S4). */
import type { Run } from '../runs/index.ts';
import { INCLUSION, summarizeRun } from './summary.ts';

/**
 * c = t* lambda of one run, with t* in epochs, the first within 0.005 of the maximum test accuracy (paper: 0.0066 from WRN
 * 28-10, 2 epochs at lambda = 0.01). c holds for one network, batch size, eta and L2 convention.
 * @throws RangeError where the run has no t*: lambda = 0, no measurement, or t* at its first one or in the second half
 */
export function measureC(run: Run): number {
  const { lambda, tStar, tStarEpochs, lastStep, measuresBeforeTStar } = summarizeRun(run);
  const fault =
    lambda === 0
      ? 'lambda is 0: there is no decay to time'
      : Number.isNaN(tStar)
        ? 'it has no measurement'
        : measuresBeforeTStar === 0
          ? 'its accuracy is at the maximum from the first measurement on: measure earlier'
          : tStar > INCLUSION.insideFraction * lastStep
            ? 't* lies in the second half of the run, whose accuracy may still rise: train longer'
            : undefined;
  if (fault !== undefined) throw new RangeError(`no c in ${run.file}: ${fault}`);
  return tStarEpochs * lambda;
}

/** The lambda predicted to be best for a budget of `epochs`: c / epochs. */
export function predictL2({ c, epochs }: { c: number; epochs: number }): number {
  if (!(c > 0 && epochs > 0)) throw new RangeError(`predictL2 needs positive c and epochs, got ${c} and ${epochs}`);
  return c / epochs;
}
