/** The sweeps of the theory and what runs them, by the sweep's name. An experiment is loaded only when it is run: one needs TensorFlow. */
import type { Sweep } from '../../sweeps/types.ts';
import type { Experiment } from '../record.ts';
import { kernelDecay, kernelDecayExperiment } from './kernel-decay.ts';

export interface TheorySweep {
  sweep: Sweep;
  experiment(): Promise<Experiment>;
}

export const theorySweeps: readonly TheorySweep[] = [
  { sweep: kernelDecay, experiment: () => Promise.resolve(kernelDecayExperiment) },
];
