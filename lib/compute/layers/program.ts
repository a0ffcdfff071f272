/** The compiled functions of a `tf.LayersModel`: a training step, a test and a prediction on one batch, by the model's own methods. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../backend.ts';
import { compile } from '../compile.ts';
import { CompileError } from '../errors.ts';
import { requirePrecision, type Precision } from '../precision.ts';
import { scalarInput, type InputSpec, type InputType, type Program } from '../source.ts';
import { inInference } from '../training.ts';
import { dataTypeOf } from '../variant.ts';
import { DATA_TYPE } from '../graph.ts';
import { methodsOf, type Batch, type Host } from './host.ts';
import { rateInput, type RateInput } from './rate.ts';

type Tensor = tfTypes.Tensor;
type Kind = 'train' | 'test' | 'predict';

/** Shapes compiled for one function; batches of still other shapes are computed eagerly, by tfjs itself. */
const MAX_SHAPES = 12;

const TYPES = Object.fromEntries(Object.entries(DATA_TYPE).map(([name, type]) => [type, name])) as Record<
  number,
  InputType
>;
const specOf = (tensor: Tensor): InputSpec => ({
  shape: tensor.shape,
  dtype: TYPES[dataTypeOf(tensor)] as InputType,
});

/** What the compiled functions were made from: of another one they must be made anew. */
interface Origin {
  parts: unknown[];
  settings: string;
}

export class LayersProgram {
  readonly #host: Host;
  readonly #precision: Precision;
  readonly #own: ReturnType<typeof methodsOf>;
  #program: Program<Kind> | undefined;
  #rate: RateInput | undefined;
  #origin: Origin | undefined;
  readonly #shapes = new Map<string, Kind>();
  #warned = false;

  constructor(host: Host, precision: Precision = 'float32') {
    this.#precision = precision;
    requirePrecision(precision);
    this.#host = host;
    this.#own = methodsOf(host);
  }

  /** Compiles for these inputs of `kind`, unless it has been done. False where there are too many shapes already. */
  prepare(kind: Kind, specs: readonly InputSpec[]): boolean {
    const key = `${kind} ${specs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(' ')}`;
    if (this.#shapes.has(key)) return true;
    if ([...this.#shapes.values()].filter((other) => other === kind).length >= MAX_SHAPES) return false;
    this.#program ??= this.#compile();
    const inputs = kind === 'train' && this.#rate ? [scalarInput, ...specs] : [...specs];
    this.#program.specialize(kind, inputs);
    this.#shapes.set(key, kind);
    if (kind === 'train') this.#origin = this.#now(); // the step has made the optimizer's slots
    return true;
  }

  /** Compiles for all batches of these samples, the last one too. Before the first call: TensorFlow prepares a graph anew whenever it grows. */
  prepareBatches(kind: 'train' | 'test', samples: Batch, batchSize: number): void {
    const specs = this.#tensors(samples).map(specOf);
    const rows = specs[0]?.shape[0] ?? 0;
    for (const size of new Set([Math.min(batchSize, rows), rows % batchSize])) {
      if (size > 0)
        this.prepare(
          kind,
          specs.map(({ shape, dtype }) => ({ shape: [size, ...shape.slice(1)], dtype })),
        );
    }
  }

  /** Forgets what was compiled if the model has since got another optimizer, loss, metric or weight, or other settings. */
  refresh(): void {
    const [before, now] = [this.#origin, this.#now()];
    if (!this.#program || !before) return;
    const same =
      before.settings === now.settings &&
      before.parts.length === now.parts.length &&
      before.parts.every((part, i) => part === now.parts[i]);
    if (!same) this.dispose();
  }

  /** One training step: the loss, then the metrics. The caller disposes them. */
  train(batch: Batch): Tensor[] {
    const tensors = this.#tensors(batch);
    if (!this.prepare('train', tensors.map(specOf))) {
      return this.#eagerly(() => this.#own.makeTrainFunction.call(this.#host)(tensors));
    }
    return this.#call('train', this.#rate ? [this.#rate.current(), ...tensors] : tensors);
  }

  /** Loss and metrics of a batch in inference. */
  test(batch: Batch): Tensor[] {
    const tensors = this.#tensors(batch);
    if (!this.prepare('test', tensors.map(specOf))) return this.#eagerly(() => this.#testFunction()(tensors));
    return this.#call('test', tensors);
  }

  /** The model's outputs for a batch in inference. */
  predict(inputs: Tensor[]): Tensor[] {
    if (!this.prepare('predict', inputs.map(specOf))) return this.#eagerly(() => this.#predicted(inputs));
    return this.#call('predict', inputs);
  }

  /** Brings the current values into the model's own weights and the optimizer's slots. */
  sync(): void {
    this.#program?.sync();
  }

  /** The model keeps its weights; a later use compiles anew. */
  dispose(): void {
    this.#program?.dispose();
    this.#rate?.dispose();
    this.#program = undefined;
    this.#rate = undefined;
    this.#origin = undefined;
    this.#shapes.clear();
  }

  #call(kind: Kind, inputs: Tensor[]): Tensor[] {
    return (this.#program as Program<Kind>).call(kind, ...inputs);
  }

  #compile(): Program<Kind> {
    const host = this.#host;
    const optimizer = host.optimizer_;
    const rate = optimizer && rateInput(optimizer);
    this.#rate = rate;
    const step = (batch: Tensor[]) => {
      host.optimizer_ = rate?.traced ?? optimizer;
      try {
        return this.#own.makeTrainFunction.call(host)(batch);
      } finally {
        host.optimizer_ = optimizer;
      }
    };
    this.#origin = this.#now();
    return compile({
      precision: this.#precision,
      variables: host.weights.map((weight) => weight.read()),
      functions: {
        train: {
          deferred: true,
          run: (...given) => (rate ? rate.during(given[0] as Tensor, () => step(given.slice(1))) : step(given)),
        },
        test: { deferred: true, run: (...batch) => inInference(() => this.#testFunction()(batch)) },
        predict: { deferred: true, run: (...inputs) => inInference(() => this.#predicted(inputs)) },
      },
    });
  }

  #testFunction() {
    const host = this.#host;
    const { testFunction } = host;
    this.#own.makeTestFunction.call(host);
    const made = host.testFunction;
    host.testFunction = testFunction;
    return made;
  }

  #predicted(inputs: Tensor[]): Tensor[] {
    const result = this.#own.predictLoop.call(this.#host, inputs, inputs[0]?.shape[0]);
    return Array.isArray(result) ? result : [result];
  }

  #now(): Origin {
    const { optimizer_: optimizer, weights } = this.#host;
    const { lossFunctions, metricsTensors, collectedTrainableWeights } = this.#host as Partial<Host>; // of `compile`
    const slots = Object.values(optimizer ?? {}).filter(Array.isArray) as { variable?: unknown }[][];
    const config = optimizer ? { ...optimizer.getConfig() } : {};
    if (this.#rate) delete config['learningRate'];
    return {
      settings: JSON.stringify(config),
      parts: [
        optimizer,
        ...(lossFunctions ?? []),
        ...(metricsTensors ?? []).flat(),
        ...(collectedTrainableWeights ?? []).map((weight) => weight.read()),
        ...weights.map((weight) => weight.read()),
        ...slots.flat().map((slot) => slot.variable),
      ],
    };
  }

  /** The batch without gaps. With several outputs one may have no sample weights: they are ones then. */
  #tensors(batch: Batch): Tensor[] {
    const { inputs, outputs } = this.#host;
    const values = batch.slice(0, inputs.length + outputs.length) as Tensor[];
    const weights = batch.slice(values.length);
    if (!weights.some(Boolean)) return values;
    const rows = values[0]?.shape[0] ?? 0;
    return [...values, ...outputs.map((_, i) => weights[i] ?? tf.ones([rows]))];
  }

  #eagerly<T>(run: () => T): T {
    if (!this.#warned) {
      console.warn(
        `more than ${MAX_SHAPES} shapes of batches: others than the first are computed by tfjs without compiling`,
      );
      this.#warned = true;
    }
    this.sync();
    return run();
  }
}

export const requireCompiled = (host: Host, what: string): void => {
  if (!host.optimizer_) {
    throw new CompileError(`${what} needs a loss and an optimizer: call model.compile({ optimizer, loss }) before`);
  }
};
