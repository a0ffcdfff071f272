/**
 * Layers that behave differently in training (dropout, noise, batch norm, recurrent dropout, layers of one's own that ask). tfjs takes them
 * to be outside of training unless told: a step that forgets to say it would train without them, and without a word.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from './backend.ts';
import type { Patches } from './patches.ts';

type Layer = tfTypes.layers.Layer;
type Kwargs = Record<string, unknown>;

/** The parts of tfjs's layers that this room looks at. */
interface LayerParts {
  name: string;
  apply(inputs: unknown, kwargs?: Kwargs): unknown;
  call(inputs: unknown, kwargs?: Kwargs): unknown;
  addWeight(...args: unknown[]): unknown;
  getClassName(): string;
  layers?: LayerParts[];
  cell?: LayerParts & { dropout?: number; recurrentDropout?: number; cells?: LayerParts['cell'][] };
  layer?: LayerParts;
  forwardLayer?: LayerParts;
  backwardLayer?: LayerParts;
}
const layerClass = tf.layers.Layer.prototype as unknown as LayerParts;
const modelClass = tf.LayersModel.prototype as unknown as Record<
  'predict' | 'predictOnBatch',
  (this: unknown, ...args: unknown[]) => unknown
>;

const dropsOut = (cell: LayerParts['cell']): boolean =>
  cell !== undefined &&
  ((cell.dropout ?? 0) > 0 || (cell.recurrentDropout ?? 0) > 0 || (cell.cells ?? []).some(dropsOut));

/** Layers that only hand `training` on. */
const handsOn = (layer: LayerParts): boolean =>
  layer.layers !== undefined ||
  layer.cell !== undefined ||
  layer.layer !== undefined ||
  layer.forwardLayer !== undefined;

const recurrentDropout = (layer: LayerParts | undefined): boolean =>
  layer !== undefined &&
  (dropsOut(layer.cell) || [layer.layer, layer.forwardLayer, layer.backwardLayer].some(recurrentDropout));

/** Layers inside a wrapper, which calls them without `apply`. */
const wrapped = (layer: LayerParts): LayerParts[] =>
  [layer.layer, layer.forwardLayer, layer.backwardLayer].flatMap((inner) =>
    inner === undefined ? [] : handsOn(inner) ? wrapped(inner) : [inner],
  );

let predicting = 0;

/** Layers inside `run` are outside of training unless told otherwise: to predict and to evaluate is to say so. */
export function inInference<T>(run: () => T): T {
  predicting++;
  try {
    return run();
  } finally {
    predicting--;
  }
}

export interface LayerGuard {
  /** @throws whatever `refuse` throws */
  refuse(message: string): never;
  /** A layer or model that the function applied. */
  onLayer(layer: Layer): void;
}

/** While the patches last, a layer that asks for `training` without having been told is refused. */
export function guardTraining(patches: Patches, { refuse, onLayer }: LayerGuard): void {
  const complain = (layer: LayerParts): never =>
    refuse(
      `layer ${layer.name} (${layer.getClassName()}) behaves differently in training, and the step does not say which it is: ` +
        'apply the layer or its model with { training: true } or { training: false }',
    );
  const { apply, addWeight } = layerClass;
  patches.replace(layerClass, 'apply', function guarded(this: LayerParts, inputs, kwargs) {
    onLayer(this as unknown as Layer);
    if (predicting > 0 || (kwargs?.training !== undefined && kwargs.training !== null))
      return apply.call(this, inputs, kwargs);
    if (recurrentDropout(this)) complain(this);
    const asks = handsOn(this) ? wrapped(this) : [this];
    // A wrapper calls its layer with what it was given, or with nothing: the question is put on the layer itself.
    const calls = asks.map((layer) => ({ layer, call: layer.call, own: Object.hasOwn(layer, 'call') }));
    for (const { layer, call } of calls) {
      layer.call = function asked(given, options) {
        const watched: Kwargs = { ...options };
        if (watched.training === undefined || watched.training === null) {
          Object.defineProperty(watched, 'training', { enumerable: false, get: () => complain(layer) });
        }
        return call.call(layer, given, watched);
      };
    }
    try {
      return apply.call(this, inputs, kwargs);
    } finally {
      for (const { layer, call, own } of calls) {
        if (own) layer.call = call;
        else delete (layer as Partial<LayerParts>).call;
      }
    }
  });
  patches.replace(layerClass, 'addWeight', function guarded(this: LayerParts, ...args: unknown[]) {
    void addWeight;
    void args;
    return refuse(
      `layer ${this.name} (${this.getClassName()}) makes its weights inside the step, with initial values that every step would ` +
        'repeat: build it before (give inputShape, or apply the model once outside)',
    );
  });
  for (const name of ['predict', 'predictOnBatch'] as const) {
    const method = modelClass[name];
    patches.replace(modelClass, name, function predict(this: unknown, ...args: unknown[]) {
      return inInference(() => method.apply(this, args));
    });
  }
}
