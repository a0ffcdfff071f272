/** The paper's networks: parameters and a pure function. */
import { fc } from './fc.ts';
import type { Model } from './model.ts';

export { fc } from './fc.ts';
export { initialValues, parameterCount, type Model, type ParameterKind, type ParameterSpec } from './model.ts';

/** The network a run's configuration names. */
export function buildModel({ kind, ...options }: { kind: string; [parameter: string]: unknown }): Model {
  const builders: Record<string, (options: never) => Model> = { fc };
  const builder = builders[kind];
  if (!builder) throw new RangeError(`no model ${kind}; known are ${Object.keys(builders).join(', ')}`);
  return builder(options as never);
}
