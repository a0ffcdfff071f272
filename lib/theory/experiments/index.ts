/** The sweeps of the theory and what runs them, by the sweep's name. Nothing here loads TensorFlow before an experiment that needs it runs. */
import type { Sweep } from '../../runs/index.ts';
import type { Experiment } from '../record.ts';
import { deepKernelDecay, deepKernelDecayExperiment } from './deep-kernel-decay.ts';
import { deepLinear, deepLinearExperiment } from './deep-linear.ts';
import { kernelDecay, kernelDecayExperiment } from './kernel-decay.ts';
import { kernelKinks, kernelKinksExperiment } from './kernel-kinks.ts';
import { reluTwoLayer, reluTwoLayerExperiment } from './relu-two-layer.ts';

export interface TheorySweep {
  sweep: Sweep;
  experiment: Experiment;
}

export const theorySweeps: readonly TheorySweep[] = [
  { sweep: deepLinear, experiment: deepLinearExperiment },
  { sweep: kernelDecay, experiment: kernelDecayExperiment },
  { sweep: kernelKinks, experiment: kernelKinksExperiment },
  { sweep: deepKernelDecay, experiment: deepKernelDecayExperiment },
  { sweep: reluTwoLayer, experiment: reluTwoLayerExperiment },
];
