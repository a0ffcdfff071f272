import { DataFrame } from 'danfojs-node';
import type { Run } from '../runs/index.ts';
import type { RunSummary } from './summary.ts';

/** One row a run, a column a field of RunSummary. */
export function summaryFrame(summaries: readonly RunSummary[]): DataFrame {
  return new DataFrame(summaries.map((summary) => ({ ...summary })));
}

/** One row a measurement: the run's eta and lambda, then what was measured, with accuracies beside the errors. */
export function measureFrame(runs: readonly Run[]): DataFrame {
  return new DataFrame(runs.flatMap(measureRows));
}

/** The rows of `measureFrame` for one run. `eta` and `lambda` are the run's settings; `etaNow` and `lambdaNow` what was in force. */
export function measureRows(run: Run) {
  const { eta, lambda } = run.header.config;
  return run.measures.map((measure) => ({
    eta,
    lambda,
    step: measure.step,
    epoch: measure.epoch,
    seconds: measure.seconds,
    trainLoss: measure.trainLoss,
    trainAccuracy: 1 - measure.trainError,
    testLoss: measure.testLoss,
    testAccuracy: 1 - measure.testError,
    l2Norm: measure.l2Norm,
    etaNow: measure.eta,
    lambdaNow: measure.lambda,
  }));
}
