/** Every sweep, by name. */
import { fcEtaLambda } from './fc-eta-lambda.ts';
import type { Sweep } from './types.ts';

export const sweeps: readonly Sweep[] = [fcEtaLambda];

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
