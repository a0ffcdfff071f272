/**
 * AutoL2 for `tf.LayersModel.fit`: an optimizer that applies the L2 term itself, and a callback that moves its lambda.
 *
 *     const autoL2 = autoL2ForLayers(tf.train.sgd(0.1));
 *     model.compile({ optimizer: autoL2.optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
 *     await model.fit(x, y, { batchSize: 128, epochs: 10, callbacks: autoL2.callback });
 *
 * Chosen here, since neither description has a `fit`: loss and error are those that `fit` reports of a batch, computed before its
 * update with the weights then in force, which is what the authors' code measures. What is decided from them holds from the NEXT update
 * on, one later than in a loop that asks AutoL2 before the update. Layers should have no regularizers of their own: `fit` would count them in the
 * loss. Updates are counted over all epochs and all calls of `fit`.
 */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../compute/index.ts';
import type { L2Convention } from '../runs/index.ts';
import { AutoL2, type AutoL2Options } from './auto-l2.ts';

export interface LayersAutoL2Options extends AutoL2Options {
  /** `half` (default): the term is (lambda/2) sum theta^2, as the paper writes it. `full`: lambda sum theta^2, as the authors' code. */
  l2Convention?: L2Convention;
  /** Which trainable variables the term has; default all, also biases and batch-norm scales, as the authors' code. */
  penalise?: (variable: tfTypes.Variable) => boolean;
  /** Called at each decay, after `step` updates. */
  onDecay?: (decay: { step: number; lambda: number }) => void;
}

export interface LayersAutoL2 {
  /** For `model.compile`: the given optimizer, with the gradient of the L2 term added to what it gets. */
  optimizer: tfTypes.Optimizer;
  /** For `model.fit`; needs `metrics: ['accuracy']`. */
  callback: tfTypes.CustomCallbackArgs;
  /** float32 scalar, the lambda of the next update. */
  lambda: tfTypes.Variable;
  /** The schedule behind it: `save` and `restore` for checkpoints. After `restore` set `lambda` to its lambda. */
  schedule: AutoL2;
  /** Disposes `lambda`; the given optimizer stays. */
  dispose(): void;
}

/**
 * AutoL2 around an optimizer of tf.train.
 * @throws RangeError for settings that make no schedule; from `fit`, Error where no accuracy is reported
 */
export function autoL2ForLayers(inner: tfTypes.Optimizer, options: LayersAutoL2Options = {}): LayersAutoL2 {
  const { l2Convention = 'half', penalise = () => true, onDecay, ...settings } = options;
  if (l2Convention !== 'half' && l2Convention !== 'full') {
    throw new RangeError(`l2Convention must be 'half' or 'full', got ${String(l2Convention)}`);
  }
  const schedule = new AutoL2(settings);
  const lambda = tf.tidy(() => tf.variable(tf.scalar(schedule.lambda), false));
  let step = 0;
  return {
    optimizer: withL2(inner, { lambda, penalise, factor: l2Convention === 'full' ? 2 : 1 }),
    lambda,
    schedule,
    callback: {
      async onBatchEnd(_batch, logs) {
        const before = step++;
        if (!schedule.isDue(before)) return;
        const decayed = schedule.measure(before, lossAndError(logs));
        if (!decayed) return;
        tf.tidy(() => lambda.assign(tf.scalar(schedule.lambda)));
        onDecay?.({ step, lambda: schedule.lambda });
      },
    },
    dispose: () => lambda.dispose(),
  };
}

function lossAndError(logs: tfTypes.Logs | undefined): { loss: number; error: number } {
  const { loss, acc, accuracy = acc } = (logs ?? {}) as Record<string, number | undefined>;
  if (loss === undefined || accuracy === undefined) {
    throw new Error(
      `AutoL2 needs the loss and the accuracy of each batch, fit reports ${Object.keys(logs ?? {}).join(', ')}: ` +
        `compile the model with metrics: ['accuracy']`,
    );
  }
  return { loss, error: 1 - accuracy };
}

/** What tfjs calls so, and does not export. */
interface NamedTensor {
  name: string;
  tensor: tfTypes.Tensor;
}

/** An optimizer that hands `inner` each gradient plus factor * lambda * theta. */
function withL2(
  inner: tfTypes.Optimizer,
  {
    lambda,
    penalise,
    factor,
  }: { lambda: tfTypes.Variable; penalise: (variable: tfTypes.Variable) => boolean; factor: number },
): tfTypes.Optimizer {
  type Gradients = tfTypes.NamedTensorMap | NamedTensor[];
  class WithL2 extends tf.Optimizer {
    static readonly className = 'WithL2';
    override applyGradients(gradients: Gradients): void {
      const known = tf.engine().registeredVariables;
      const list = Array.isArray(gradients)
        ? gradients
        : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
      tf.tidy(() => {
        const strength = tf.mul(lambda, factor);
        inner.applyGradients(
          list.map(({ name, tensor }) => {
            const variable = known[name];
            return variable && tensor && penalise(variable)
              ? { name, tensor: tf.add(tensor, tf.mul(variable, strength)) }
              : { name, tensor };
          }),
        );
      });
    }
    override getConfig(): tfTypes.serialization.ConfigDict {
      return inner.getConfig();
    }
    override async getWeights(): Promise<NamedTensor[]> {
      return inner.getWeights();
    }
    override async setWeights(values: NamedTensor[]): Promise<void> {
      await inner.setWeights(values);
    }
    override async saveIterations(): Promise<NamedTensor> {
      return inner.saveIterations();
    }
    override dispose(): void {
      inner.dispose();
    }
  }
  return new WithL2();
}
