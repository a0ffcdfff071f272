/** The paper's networks: parameters and a pure function. */
import { cnn } from './cnn.ts';
import { fc } from './fc.ts';
import { deepLinear, reluTwoLayer } from './linear.ts';
import type { Model } from './model.ts';
import { resnet50 } from './resnet50.ts';
import { wrn } from './wrn.ts';

export { cnn, type CnnOptions } from './cnn.ts';
export { fc } from './fc.ts';
export { deepLinear, reluTwoLayer, type DeepLinearOptions } from './linear.ts';
export {
  hasBatchNorm,
  initialValues,
  parameterCount,
  type ForwardOptions,
  type Model,
  type ParameterKind,
  type ParameterSpec,
} from './model.ts';
export { resnet50, type ResNet50Options } from './resnet50.ts';
export { wrn, type WrnOptions } from './wrn.ts';

const builders: Record<string, (options: never) => Model> = {
  fc,
  wrn,
  cnn,
  resnet50,
  'relu-two-layer': reluTwoLayer,
  'deep-linear': deepLinear,
};

/** The network a run's configuration names. */
export function buildModel({ kind, ...options }: { kind: string; [parameter: string]: unknown }): Model {
  const builder = builders[kind];
  if (!builder) throw new RangeError(`no model ${kind}; known are ${Object.keys(builders).join(', ')}`);
  return builder(options as never);
}
