/**
 * `compileModel`: a `tf.LayersModel` whose batches run as one TensorFlow graph each. tfjs's own loops do the rest, so that batches,
 * shuffling, callbacks, validation and history are tfjs's by construction.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import type { Precision } from '../precision.ts';
import { standardCallbacks } from './callbacks.ts';
import { hostOf, methodsOf, replaceMethods, type Host, type Replacements, type TensorsOf } from './host.ts';
import { LayersProgram, requireCompiled } from './program.ts';
import { standardizerWithSampleWeights } from './sample-weights.ts';

type Tensor = tfTypes.Tensor;
type Scalar = tfTypes.Scalar;
/** What a dataset yields. */
type Elements = tfTypes.TensorContainer;
type EvaluateDatasetArgs = Parameters<tfTypes.LayersModel['evaluateDataset']>;
type SaveArgs = Parameters<tfTypes.LayersModel['save']>;
type SaveResult = ReturnType<tfTypes.LayersModel['save']>;

/** What `fit` takes beyond `tf.ModelFitArgs`. */
export interface FitOptions {
  /** Ends the training after the batch under way; the history is that of what was done. */
  signal?: AbortSignal;
}

export type FitArgs = Omit<tfTypes.ModelFitArgs, 'sampleWeight'> &
  FitOptions & {
    /** Weight of each sample in the loss, float32 [samples]; with several outputs one each, by position or name. */
    sampleWeight?: TensorsOf;
  };
export type FitDatasetArgs<T extends Elements> = tfTypes.ModelFitDatasetArgs<T> & FitOptions;

/** A compiled model. Between two calls the model itself holds the current weights and can be used as ever. */
export interface CompiledModel {
  readonly model: tfTypes.LayersModel;
  /**
   * `tf.LayersModel.fit`, compiled: the same arguments, callbacks and history.
   * @throws CompileError where a layer, loss or metric cannot be compiled, naming the op and the line
   */
  fit(x: TensorsOf, y: TensorsOf, args?: FitArgs): Promise<tfTypes.History>;
  /** `tf.LayersModel.fitDataset`, compiled. */
  fitDataset<T extends Elements>(dataset: tfTypes.data.Dataset<T>, args: FitDatasetArgs<T>): Promise<tfTypes.History>;
  /** `tf.LayersModel.trainOnBatch`, compiled. */
  trainOnBatch(x: TensorsOf, y: TensorsOf): Promise<number | number[]>;
  /** `tf.LayersModel.evaluate`, compiled: loss and metrics as scalars, which the caller disposes. */
  evaluate(x: Tensor | Tensor[], y: Tensor | Tensor[], args?: tfTypes.ModelEvaluateArgs): Scalar | Scalar[];
  /** `tf.LayersModel.evaluateDataset`, compiled. */
  evaluateDataset(...datasetAndArgs: EvaluateDatasetArgs): Promise<Scalar | Scalar[]>;
  /** `tf.LayersModel.predict`, compiled; layers in inference. */
  predict(x: Tensor | Tensor[], args?: { batchSize?: number }): Tensor | Tensor[];
  /** `tf.LayersModel.predictOnBatch`, compiled. */
  predictOnBatch(x: Tensor | Tensor[]): Tensor | Tensor[];
  /** `tf.LayersModel.save`: `file://` folders, or any of tfjs's handlers. */
  save(...handlerAndConfig: SaveArgs): SaveResult;
  /** Frees the graph and its state; the model stays, with its weights. */
  dispose(): void;
}

export interface CompileModelOptions {
  /** Of matrix products, convolutions and their gradients. Default float32; see `ProgramSource`. */
  precision?: Precision;
}

class CompiledLayersModel implements CompiledModel {
  readonly model: tfTypes.LayersModel;
  #host: Host;
  #program: LayersProgram;
  readonly #precision: Precision | undefined;

  constructor(model: tfTypes.LayersModel, { precision }: CompileModelOptions) {
    this.model = model;
    this.#host = hostOf(model);
    this.#precision = precision;
    this.#program = new LayersProgram(this.#host, precision);
  }

  /** The model as it is now: what was compiled for another is forgotten. */
  #refresh(needs?: string): void {
    const host = hostOf(this.model);
    if (needs) requireCompiled(host, needs);
    if (host === this.#host) {
      this.#program.refresh();
      return;
    }
    this.#program.dispose();
    this.#host = host;
    this.#program = new LayersProgram(host, this.#precision);
  }

  async fit(x: TensorsOf, y: TensorsOf, { signal, sampleWeight, ...args }: FitArgs = {}): Promise<tfTypes.History> {
    const train = () =>
      this.model.fit(x, y, {
        ...args,
        callbacks: this.#callbacks(args, signal),
        ...(signal?.aborted && { initialEpoch: args.epochs ?? 1 }), // no epoch is left
      });
    return this.#training('fit', train, () => ({
      standardizeUserData: standardizerWithSampleWeights(this.#host, sampleWeight),
      fitLoop: preparedFitLoop(this.#host, this.#program),
    }));
  }

  async fitDataset<T extends Elements>(
    dataset: tfTypes.data.Dataset<T>,
    { signal, ...rest }: FitDatasetArgs<T>,
  ): Promise<tfTypes.History> {
    const args = rest as tfTypes.ModelFitDatasetArgs<T>;
    return this.#training('fitDataset', () =>
      this.model.fitDataset(dataset, {
        ...args,
        callbacks: this.#callbacks(args, signal),
        ...(signal?.aborted && { initialEpoch: args.epochs }),
      }),
    );
  }

  async trainOnBatch(x: TensorsOf, y: TensorsOf): Promise<number | number[]> {
    type Named = Parameters<tfTypes.LayersModel['trainOnBatch']>[0];
    return this.#training('trainOnBatch', () => this.model.trainOnBatch(x as Named, y as Named));
  }

  evaluate(x: Tensor | Tensor[], y: Tensor | Tensor[], args?: tfTypes.ModelEvaluateArgs): Scalar | Scalar[] {
    return this.#with(() => this.model.evaluate(x, y, args), 'evaluate');
  }

  async evaluateDataset(...datasetAndArgs: EvaluateDatasetArgs): Promise<Scalar | Scalar[]> {
    return this.#training('evaluateDataset', () => this.model.evaluateDataset(...datasetAndArgs));
  }

  predict(x: Tensor | Tensor[], args?: { batchSize?: number }): Tensor | Tensor[] {
    return this.#with(() => this.model.predict(x, args));
  }

  predictOnBatch(x: Tensor | Tensor[]): Tensor | Tensor[] {
    return this.#with(() => this.model.predictOnBatch(x));
  }

  async save(...handlerAndConfig: SaveArgs): SaveResult {
    this.#program.sync();
    return this.model.save(...handlerAndConfig);
  }

  dispose(): void {
    this.#program.dispose();
  }

  #callbacks(args: Pick<tfTypes.ModelFitArgs, 'callbacks' | 'yieldEvery'>, signal: AbortSignal | undefined) {
    return standardCallbacks(args, { sync: () => this.#program.sync(), signal, host: this.#host });
  }

  /** The compiled functions in place of the model's own, while tfjs's loop runs. */
  #replace(more: Replacements = {}): () => void {
    const [host, program] = [this.#host, this.#program];
    return replaceMethods(host, {
      makeTrainFunction: () => (batch) => program.train(batch),
      makeTestFunction: () => {
        host.testFunction = (batch) => program.test(batch);
      },
      predictLoop: (inputs, batchSize) => predictInBatches(program, inputs, batchSize),
      ...more,
    });
  }

  /** Calls `use` with the compiled functions. Called by a callback of `fit`, they are in place already. */
  #with<T>(use: () => T, needs?: string): T {
    if (this.#host.isTraining) return use();
    this.#refresh(needs);
    const undo = this.#replace();
    try {
      return use();
    } finally {
      undo();
    }
  }

  /** `#with` for what ends later. Afterwards the model holds the current weights. */
  async #training<T>(needs: string, use: () => Promise<T>, more?: () => Replacements): Promise<T> {
    if (this.#host.isTraining) return use(); // a second `fit` is refused by tfjs
    this.#refresh(needs);
    const undo = this.#replace(more?.());
    try {
      return await use();
    } finally {
      undo();
      this.#program.sync();
    }
  }
}

/** tfjs's loop over the epochs, after all shapes of batches that it will need are compiled. */
function preparedFitLoop(host: Host, program: LayersProgram): Host['fitLoop'] {
  const { fitLoop } = methodsOf(host);
  return (train, samples, ...rest) => {
    const [, batchSize, , , , test, testSamples] = rest;
    program.prepareBatches('train', samples, batchSize as number);
    if (test) program.prepareBatches('test', testSamples as Tensor[], batchSize as number);
    return fitLoop.call(host, train, samples, ...rest);
  };
}

function predictInBatches(program: LayersProgram, inputs: Tensor | Tensor[], batchSize = 32): Tensor | Tensor[] {
  return tf.tidy(() => {
    const tensors = Array.isArray(inputs) ? inputs : [inputs];
    const rows = tensors[0]?.shape[0] ?? 0;
    const parts: Tensor[][] = [];
    for (let start = 0; start < rows; start += batchSize) {
      const size = Math.min(batchSize, rows - start);
      const batch = size === rows ? tensors : tensors.map((tensor) => tf.slice(tensor, [start], [size]));
      parts.push(program.predict(batch));
    }
    const outputs = (parts[0] ?? []).map((first, i) =>
      parts.length === 1 ? first : tf.concat(parts.map((part) => part[i] as Tensor)),
    );
    return outputs.length === 1 ? (outputs[0] as Tensor) : outputs;
  });
}

/**
 * A model whose `fit`, `fitDataset`, `evaluate` and `predict` run compiled, with tfjs's own arguments and results.
 * @throws CompileError for what is no built `tf.LayersModel`, and for a precision that the processor does not have
 */
export const compileModel = (model: tfTypes.LayersModel, options: CompileModelOptions = {}): CompiledModel =>
  new CompiledLayersModel(model, options);
