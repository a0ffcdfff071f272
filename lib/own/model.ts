/** A model function's network as what a run trains: variables with their first values, which of them L2 has, and logits. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf, withDraws } from '../compute/index.ts';
import { initialValues, type Model, type ParameterKind } from '../models/index.ts';
import type { RunConfig } from '../runs/index.ts';
import { DefinitionError, type OwnData, type OwnSweep } from './types.ts';

type Tensor = tfTypes.Tensor;

export interface BuiltModel {
  /** What the optimizer moves, in order. */
  parameters: tfTypes.Variable[];
  /** The same as lib/models describe parameters: names, shapes and kinds. */
  specs: Model;
  /** Further state, e.g. moving averages of batch norm. */
  state: tfTypes.Variable[];
  /** Logits [n, ...labelShape, classes] of x [n, ...shape]. */
  logits(x: Tensor, training: boolean): Tensor;
  dispose(): void;
}

/** The model function, called for this configuration. */
function called(sweep: Pick<OwnSweep, 'model' | 'data'>, config: RunConfig): tfTypes.LayersModel | Model {
  const { kind: _kind, source: _source, ...settings } = config.model;
  const { eta, lambda, steps, batchSize, momentum, seed } = config;
  const given = {
    ...{ tf, inputShape: [...sweep.data.shape], classes: sweep.data.classes },
    ...{ eta, lambda, steps, batchSize, momentum, seed },
    ...settings,
  };
  return (sweep.model as (settings: object) => tfTypes.LayersModel | Model)(given);
}

const SOFTMAX = 'the loss applies softmax itself, so the model must end with logits: leave the softmax out';

/**
 * Builds the network of a run with the initial weights of its seed.
 * @throws DefinitionError for a network that does not fit the data, or that trains otherwise than its run would say
 */
export function builtModel(sweep: Pick<OwnSweep, 'model' | 'data'>, config: RunConfig): BuiltModel {
  const seed = config.weightSeed ?? config.seed;
  const before = tf.memory().numTensors;
  // Initializers of tfjs draw as the seed says, on every machine the same.
  const made = withDraws({ seed, name: 'initial weights', step: 0 }, () => {
    const network: unknown = called(sweep, config);
    if (network instanceof tf.LayersModel) return fromLayers(network);
    const model = network as Model | undefined;
    if (Array.isArray(model?.parameters) && typeof model.logits === 'function') return fromFunctions(model, config);
    const what = network instanceof Promise ? 'a promise' : network === undefined ? 'nothing' : typeof network;
    throw new DefinitionError(
      `the model function returns ${what}: expected tfjs layers (tf.sequential, tf.model) or { inputShape, classes, parameters, logits }`,
    );
  });
  try {
    checkShapes(made, sweep.data);
    return made;
  } catch (error) {
    made.dispose();
    if (tf.memory().numTensors < before) throw new Error('more was disposed than made', { cause: error });
    throw error;
  }
}

function fromFunctions(model: Model, config: RunConfig): BuiltModel {
  const { sigmaW, sigmaB } = config as { sigmaW?: number; sigmaB?: number };
  if (sigmaW === undefined || sigmaB === undefined)
    throw new DefinitionError(
      'a network of parameters and a function draws its weights from N(0, sigmaW^2 / fanIn): give the sweep sigmaW and sigmaB, e.g. Math.SQRT2 and 0',
    );
  const seed = config.weightSeed ?? config.seed;
  const parameters = initialValues(model, { sigmaW, sigmaB, seed }).map((values, i) =>
    tf.tidy(() => tf.variable(tf.tensor(values, model.parameters[i]!.shape, 'float32'))),
  );
  return {
    parameters,
    specs: model,
    state: [],
    logits: (x) => model.logits(parameters, x),
    dispose: () => tf.dispose(parameters),
  };
}

/** What tfjs does not say in its types. */
interface LayerWeight {
  originalName: string;
  read(): tfTypes.Variable;
}

function fromLayers(model: tfTypes.LayersModel): BuiltModel {
  if (model instanceof tf.Sequential && !model.built) model.build();
  refuse(model);
  const weights = (list: unknown): LayerWeight[] => list as LayerWeight[];
  const trained = weights(model.trainableWeights);
  if (trained.length === 0) throw new DefinitionError('the model has no trainable weight');
  const parameters = trained.map((weight) => weight.read());
  const held = new Set(parameters);
  const specs: Model = {
    inputShape: model.inputs[0]!.shape.slice(1) as number[],
    classes: model.outputs[0]!.shape.at(-1) as number,
    parameters: trained.map(({ originalName }, i) => ({
      name: originalName,
      shape: parameters[i]!.shape,
      kind: kindOf(originalName),
      fanIn: 1,
    })),
    logits: () => {
      throw new Error('layers hold their own parameters');
    },
  };
  return {
    parameters,
    specs,
    state: weights(model.weights)
      .map((weight) => weight.read())
      .filter((variable) => !held.has(variable)),
    logits: (x, training) => model.apply(x, { training }) as Tensor,
    dispose: () => void model.dispose(),
  };
}

/** By the names that tfjs gives its weights. */
function kindOf(name: string): ParameterKind {
  if (/\/gamma(_\d+)?$/.test(name)) return 'scale';
  if (/\/beta(_\d+)?$/.test(name)) return 'offset';
  return /\/bias(_\d+)?$/.test(name) ? 'bias' : 'weights';
}

/** What layers would do beside the loss and lambda of the run, in silence. */
function refuse(model: tfTypes.LayersModel): void {
  if (model.inputs.length !== 1 || model.outputs.length !== 1)
    throw new DefinitionError(
      `the model has ${model.inputs.length} inputs and ${model.outputs.length} outputs: expected one of each`,
    );
  for (const layer of model.layers) {
    const config = layer.getConfig();
    for (const [key, value] of Object.entries(config)) {
      if (value === null || value === undefined) continue;
      if (/regularizer$/i.test(key))
        throw new DefinitionError(
          `layer ${layer.name} has a ${key}: the run applies L2 itself, with its lambda, to every trainable weight. Leave it out`,
        );
      if (/constraint$/i.test(key))
        throw new DefinitionError(
          `layer ${layer.name} has a ${key}: the run's optimizer knows no constraints. Leave it out`,
        );
    }
    if ((layer as { stateful?: boolean }).stateful)
      throw new DefinitionError(
        `layer ${layer.name} is stateful: batches are drawn at random, with no order to keep a state over`,
      );
  }
  const last = model.layers.at(-1);
  if (last && (last.getClassName() === 'Softmax' || last.getConfig()['activation'] === 'softmax'))
    throw new DefinitionError(`layer ${last.name} ends with softmax: ${SOFTMAX}`);
}

/** @throws DefinitionError unless logits are [n, ...labelShape, classes] for x [n, ...shape] */
function checkShapes(model: BuiltModel, { shape, labelShape = [], classes, train }: OwnData): void {
  const wanted = [2, ...labelShape, classes];
  let found: number[];
  try {
    found = tf.tidy(() => {
      const dtype = train.x instanceof Int32Array ? 'int32' : 'float32';
      return model.logits(tf.zeros([2, ...shape], dtype), false).shape;
    });
  } catch (error) {
    throw new DefinitionError(
      `the model cannot be applied to two samples of shape [${shape.join(', ')}]: ${(error as Error).message}`,
      { cause: error },
    );
  }
  if (found.length !== wanted.length || found.some((size, i) => size !== wanted[i]))
    throw new DefinitionError(
      `the model makes [${found.join(', ')}] of 2 samples: expected logits [${wanted.join(', ')}], one for each of ${classes} classes`,
    );
}
