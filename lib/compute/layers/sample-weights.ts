/** Sample weights, which tfjs's `fit` has a place for but refuses. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { CompileError } from '../errors.ts';
import { methodsOf, type Host, type TensorsOf } from './host.ts';

type Tensor = tfTypes.Tensor;

/** `standardizeUserData` of the model, with sample weights multiplied into those that the class weights give. */
export function standardizerWithSampleWeights(
  host: Host,
  sampleWeight: TensorsOf | undefined,
): Host['standardizeUserData'] {
  const { standardizeUserData } = methodsOf(host);
  let pending = sampleWeight;
  return async (x, y, _, classWeight, checkBatchAxis, batchSize) => {
    const given = pending;
    pending = undefined; // validation data come second, and have no sample weights
    const [inputs, targets, classWeights] = await standardizeUserData.call(
      host,
      x,
      y,
      null,
      classWeight,
      checkBatchAxis,
      batchSize,
    );
    if (given === undefined) return [inputs, targets, classWeights];
    try {
      const weights = weightsOf(host, given, targets).map((weight, i) => {
        const ofClass = classWeights?.[i];
        if (!weight) return ofClass ?? null;
        return tf.tidy(() => (ofClass ? tf.mul(weight, ofClass) : tf.cast(weight, 'float32').clone()));
      });
      return [inputs, targets, weights];
    } finally {
      if (classWeights) tf.dispose(classWeights.filter((_, i) => weightAt(host, given, i)) as Tensor[]);
    }
  };
}

function weightAt({ outputNames }: Host, given: TensorsOf, i: number): Tensor | undefined {
  if (given instanceof tf.Tensor) return i === 0 ? given : undefined;
  return Array.isArray(given) ? given[i] : given[outputNames[i] as string];
}

function weightsOf(host: Host, given: TensorsOf, targets: readonly Tensor[]): (Tensor | undefined)[] {
  const { outputNames } = host;
  const count = given instanceof tf.Tensor ? 1 : Object.keys(given).length;
  if (given instanceof tf.Tensor && outputNames.length > 1) {
    throw new CompileError(
      `the model has ${outputNames.length} outputs: sampleWeight must be a list of as many tensors, or an object with ` +
        `some of the keys ${outputNames.join(', ')}`,
    );
  }
  if (Array.isArray(given) && count !== outputNames.length) {
    throw new CompileError(`sampleWeight lists ${count} tensors, the model has ${outputNames.length} outputs`);
  }
  if (!(given instanceof tf.Tensor) && !Array.isArray(given)) {
    const unknown = Object.keys(given).filter((name) => !outputNames.includes(name));
    if (unknown.length > 0) {
      throw new CompileError(
        `sampleWeight names ${unknown.join(', ')}, which is no output; there are ${outputNames.join(', ')}`,
      );
    }
  }
  return outputNames.map((name, i) => {
    const weight = weightAt(host, given, i);
    if (!weight) return undefined;
    const samples = targets[i]?.shape[0];
    if (weight.rank !== 1 || weight.shape[0] !== samples) {
      throw new CompileError(
        `sampleWeight of ${name} must be one number a sample, [${samples}], got [${weight.shape.join(', ')}]`,
      );
    }
    return weight;
  });
}
