/** What this room uses of a `tf.LayersModel` beyond its public types: the parts that tfjs's own `fit`, `evaluate` and `predict` are made of. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { CompileError } from '../errors.ts';

type Tensor = tfTypes.Tensor;

/** Inputs, targets and, where there are any, sample weights of one batch. */
export type Batch = readonly (Tensor | null | undefined)[];
export type BatchFunction = (batch: Batch) => Tensor[];

/** Tensors by position, one, or by the names of inputs or outputs. */
export type TensorsOf = Tensor | Tensor[] | Record<string, Tensor>;

interface Methods {
  makeTrainFunction(): BatchFunction;
  /** Sets `testFunction`. */
  makeTestFunction(): void;
  predictLoop(inputs: Tensor | Tensor[], batchSize?: number, verbose?: boolean): Tensor | Tensor[];
  standardizeUserData(
    x: unknown,
    y: unknown,
    sampleWeight: unknown,
    classWeight: unknown,
    checkBatchAxis?: boolean,
    batchSize?: number,
  ): Promise<[Tensor[], Tensor[], (Tensor | null)[] | null]>;
  /** The epochs of `fit`: the training function, all samples, ..., the batch size, ..., the test function, all samples for it. */
  fitLoop(train: BatchFunction, samples: Batch, ...rest: unknown[]): Promise<tfTypes.History>;
}
export type Replacements = Partial<Methods>;

/** The model that does the work: of a `tf.Sequential` the one inside, another after each `compile`. */
export interface Host extends Methods {
  optimizer_: tfTypes.Optimizer | undefined;
  isTraining: boolean;
  stopTraining_: boolean;
  testFunction: BatchFunction;
  inputs: tfTypes.SymbolicTensor[];
  outputs: tfTypes.SymbolicTensor[];
  outputNames: string[];
  weights: { originalName: string; read(): tfTypes.Variable }[];
  layers: { name: string; stateful?: boolean }[];
  lossFunctions: unknown[];
  metricsTensors: unknown[][];
  collectedTrainableWeights: { read(): tfTypes.Variable }[] | undefined;
  stateful: boolean;
}

/** @throws CompileError for what is no model of tfjs's layers, or one without layers */
export function hostOf(model: tfTypes.LayersModel): Host {
  if (!(model instanceof tf.LayersModel)) {
    throw new CompileError('compileModel takes a tf.LayersModel (tf.sequential, tf.model, tf.loadLayersModel)');
  }
  const sequential = model as unknown as { model?: Host };
  if (model instanceof tf.Sequential && !sequential.model) build(model);
  const host = sequential.model ?? (model as unknown as Host);
  if (host.layers.some(({ stateful }) => stateful)) {
    throw new CompileError(
      'this model has stateful recurrent layers, whose state lives in JavaScript between the batches: use model.fit',
    );
  }
  return host;
}

function build(model: tfTypes.Sequential): void {
  try {
    model.build();
  } catch (cause) {
    throw new CompileError('this sequential model cannot be built: give it layers, and the first one an inputShape', {
      cause,
    });
  }
}

/** A model's own methods, kept while others stand in for them. */
export function methodsOf(host: Host): Methods {
  const { makeTrainFunction, makeTestFunction, predictLoop, standardizeUserData, fitLoop } = host;
  return { makeTrainFunction, makeTestFunction, predictLoop, standardizeUserData, fitLoop };
}

/** Puts `methods` in place of the host's own; call the result to undo it. */
export function replaceMethods(host: Host, methods: Replacements): () => void {
  const names = Object.keys(methods) as (keyof Methods)[];
  const before = names.map((name) => Object.getOwnPropertyDescriptor(host, name));
  Object.assign(host, methods);
  return () =>
    names.forEach((name, i) => {
      const own = before[i];
      if (own) Object.defineProperty(host, name, own);
      else delete (host as Replacements)[name];
    });
}
