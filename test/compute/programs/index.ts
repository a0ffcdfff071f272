import { agentPrograms } from './agents.ts';
import { convolutionalPrograms } from './convolutional.ts';
import { densePrograms } from './dense.ts';
import { recurrentPrograms } from './recurrent.ts';
import type { TrainingProgram } from './program.ts';

export { compiled, eagerly, type Trainer, type TrainingProgram } from './program.ts';

export const programs: TrainingProgram[] = [
  ...densePrograms,
  ...convolutionalPrograms,
  ...recurrentPrograms,
  ...agentPrograms,
];
