/** Every sweep, by name: those that train the paper's networks, then those of the theory. */
import { theorySweeps } from '../theory/experiments/index.ts';
import { cnnAutoL2, fcAutoL2 } from './autol2.ts';
import { cnnBnLambda } from './cnn-bn-lambda.ts';
import { cnnLambda } from './cnn-lambda.ts';
import { fcAdamW } from './fc-adamw.ts';
import { fcEtaLambda } from './fc-eta-lambda.ts';
import { fcMseEtaLambda } from './fc-mse-eta-lambda.ts';
import { fcNarrowLambda } from './fc-narrow-lambda.ts';
import { resnetEtaLambda } from './resnet-eta-lambda.ts';
import type { Sweep } from '../runs/index.ts';
import { wrnAutoL2Long } from './wrn-autol2-long.ts';
import { wrnAutoL2 } from './wrn-autol2.ts';
import { wrnBudget } from './wrn-budget.ts';
import { wrnEtaLambda4096 } from './wrn-eta-lambda-4096.ts';
import { wrnEtaLambda } from './wrn-eta-lambda.ts';
import { wrnLayers } from './wrn-layers.ts';
import { wrnMomentumLambda } from './wrn-momentum-lambda.ts';

export const trainingSweeps: readonly Sweep[] = [
  fcEtaLambda,
  wrnMomentumLambda,
  wrnEtaLambda,
  wrnEtaLambda4096,
  cnnLambda,
  cnnBnLambda,
  wrnAutoL2,
  wrnAutoL2Long,
  fcMseEtaLambda,
  fcNarrowLambda,
  fcAdamW,
  wrnBudget,
  wrnLayers,
  fcAutoL2,
  cnnAutoL2,
  resnetEtaLambda,
];

export const sweeps: readonly Sweep[] = [...trainingSweeps, ...theorySweeps.map(({ sweep }) => sweep)];

/** Throws RangeError naming the known sweeps. */
export function findSweep(name: string): Sweep {
  const found = sweeps.find((sweep) => sweep.name === name);
  if (!found) {
    throw new RangeError(
      `sweep ${JSON.stringify(name)} is not known; known are ${sweeps.map((s) => s.name).join(', ')}`,
    );
  }
  return found;
}
