/** Programs of sequences: recurrent layers, embeddings, attention. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { tf } from '../../../lib/compute/index.ts';
import {
  bits,
  classes,
  layers,
  normal,
  oneHot,
  parameter,
  scalar,
  sequential,
  type Tensor,
  type TrainingProgram,
} from './program.ts';

const { dense, embedding, lstm } = tf.layers;
const EXAMPLES = 'tensorflow/tfjs-examples';
type Symbolic = tfTypes.SymbolicTensor;
type Recurrent = { units: number; inputShape?: number[]; returnSequences?: boolean };

const addition = (kind: string, recurrent: (args: Recurrent) => tfTypes.layers.Layer): TrainingProgram => ({
  name: `addition-rnn, ${kind}`,
  from: `${EXAMPLES}/addition-rnn: sums of two-digit numbers, 128 units, batch 128`,
  make: () =>
    layers(
      () =>
        sequential(
          recurrent({ units: 128, inputShape: [5, 12] }),
          tf.layers.repeatVector({ n: 3 }),
          recurrent({ units: 128, returnSequences: true }),
          tf.layers.timeDistributed({ layer: dense({ units: 12 }) }) as tfTypes.layers.Layer,
          tf.layers.activation({ activation: 'softmax' }),
        ),
      { optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
      () => ({ x: [oneHot([128, 5], 12)], y: [oneHot([128, 3], 12)] }),
    ),
});

const sentiment = (kind: string, middle: () => tfTypes.layers.Layer[], length: number): TrainingProgram => ({
  name: `sentiment, ${kind}`,
  from: `${EXAMPLES}/sentiment: reviews of ${length} words${length === 100 ? '' : ' (of 100)'} out of 1,000 (of 10,000), embedded in 32, batch 128`,
  make: () =>
    layers(
      () =>
        sequential(
          embedding({ inputDim: 1000, outputDim: 32, inputLength: length }),
          ...middle(),
          dense({ units: 1, activation: 'sigmoid' }),
        ),
      { optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['acc'] },
      () => ({ x: [classes([128, length], 1000, 'float32')], y: [bits([128, 1])] }),
    ),
});

const jena = (kind: string, recurrent: (args: Recurrent) => tfTypes.layers.Layer): TrainingProgram => ({
  name: `jena-weather, ${kind}`,
  from: `${EXAMPLES}/jena-weather: 24 time steps (of 240) of 14 features, 32 units, batch 128`,
  make: () =>
    layers(
      () => sequential(recurrent({ units: 32, inputShape: [24, 14] }), dense({ units: 1 })),
      { optimizer: 'rmsprop', loss: 'meanAbsoluteError' },
      () => ({ x: [normal([128, 24, 14])], y: [normal([128, 1], 2)] }),
    ),
});

/** The last time step, as a layer of one's own. */
class LastStep extends tf.layers.Layer {
  static readonly className = 'LastStep';
  override computeOutputShape(shape: number[]): number[] {
    return [shape[0] as number, 1, shape[2] as number];
  }
  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
    return tf.slice(x, [0, (x.shape[1] as number) - 1], [-1, 1]);
  }
}

/** A decoder block of GPT-2, in plain ops. */
function gpt(): ReturnType<TrainingProgram['make']> {
  const [batch, time, width, heads, words] = [8, 16, 32, 4, 65] as const;
  let stream = 0;
  const weights = new Map<string, ReturnType<typeof parameter>>();
  const weight = (name: string, shape: number[]): Tensor => {
    const known = weights.get(name);
    if (known) return known;
    const made = parameter(shape, stream++, name);
    weights.set(name, made);
    return made;
  };
  const tokens = classes([batch, time], words);
  const next = classes([batch, time], words);
  const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([time, time]), -1, 0)), -1e9));
  const linear = (name: string, x: Tensor, size: number) => {
    const flat = tf.reshape(x, [-1, x.shape.at(-1) as number]);
    const y = tf.add(
      tf.matMul(flat, weight(`${name}/kernel`, [flat.shape[1] as number, size])),
      weight(`${name}/bias`, [size]),
    );
    return tf.reshape(y, [...x.shape.slice(0, -1), size]);
  };
  const norm = (name: string, x: Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(scaled, weight(`${name}/scale`, [width])), weight(`${name}/bias`, [width]));
  };
  const split = (x: Tensor) => tf.transpose(tf.reshape(x, [batch, time, heads, -1]), [0, 2, 1, 3]);
  const attention = (name: string, x: Tensor) => {
    const [q, k, v] = tf.split(linear(`${name}/qkv`, x, 3 * width), 3, -1).map(split) as [Tensor, Tensor, Tensor];
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)), mask);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    return linear(`${name}/out`, tf.reshape(mixed, [batch, time, width]), width);
  };
  const gelu = (x: Tensor) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))));
  const loss = () => {
    let x: Tensor = tf.add(
      tf.gather(weight('embedding', [words, width]), tokens),
      weight('embedding/position', [time, width]),
    );
    for (const block of ['a', 'b']) {
      x = tf.add(x, attention(block, norm(`${block}/1`, x)));
      x = tf.add(x, linear(`${block}/down`, gelu(linear(`${block}/up`, norm(`${block}/2`, x), 4 * width)), width));
    }
    const logits = linear('head', norm('last', x), words);
    const targets = tf.oneHot(next as tfTypes.Tensor1D, words);
    return scalar(tf.losses.softmaxCrossEntropy(tf.reshape(targets, [-1, words]), tf.reshape(logits, [-1, words])));
  };
  tf.tidy(loss); // makes the weights
  const optimizer = tf.train.adam(3e-4);
  return {
    variables: [...weights.values()],
    data: [tokens, next, mask],
    step: () => [optimizer.minimize(loss, true) as Tensor],
  };
}

export const recurrentPrograms: TrainingProgram[] = [
  addition('simpleRNN', (args) => tf.layers.simpleRNN(args)),
  addition('GRU', (args) => tf.layers.gru(args)),
  addition('LSTM', (args) => tf.layers.lstm(args)),
  sentiment('flattened', () => [tf.layers.flatten()], 100),
  sentiment('simpleRNN', () => [tf.layers.simpleRNN({ units: 32 })], 20),
  sentiment('LSTM', () => [lstm({ units: 32 })], 20),
  sentiment(
    'bidirectional LSTM',
    () => [
      tf.layers.bidirectional({
        layer: lstm({ units: 32 }) as never,
        mergeMode: 'concat',
      }) as tfTypes.layers.Layer,
    ],
    10,
  ),
  jena('simpleRNN', (args) => tf.layers.simpleRNN(args)),
  jena('GRU', (args) => tf.layers.gru(args)),
  {
    name: 'lstm-text-generation',
    from: `${EXAMPLES}/lstm-text-generation: 20 characters (of 60) out of 71, 128 units, batch 128`,
    make: () =>
      layers(
        () => sequential(lstm({ units: 128, inputShape: [20, 71] }), dense({ units: 71, activation: 'softmax' })),
        { optimizer: tf.train.rmsprop(0.01), loss: 'categoricalCrossentropy' },
        () => ({ x: [oneHot([128, 20], 71)], y: [oneHot([128], 71)] }),
      ),
  },
  {
    name: 'date-conversion-attention',
    from: `${EXAMPLES}/date-conversion-attention: two LSTMs of 64 units and attention between them, batch 128`,
    make: () =>
      layers(
        () => {
          const [dates, shifted] = [tf.input({ shape: [12] }), tf.input({ shape: [10] })];
          const encoder = lstm({ units: 64, returnSequences: true }).apply(
            embedding({ inputDim: 35, outputDim: 64, inputLength: 12, maskZero: true }).apply(dates) as Symbolic,
          ) as Symbolic;
          const last = new LastStep({}).apply(encoder) as Symbolic;
          const state = tf.layers.reshape({ targetShape: [64] }).apply(last) as Symbolic;
          const decoder = lstm({ units: 64, returnSequences: true }).apply(
            embedding({ inputDim: 13, outputDim: 64, inputLength: 10, maskZero: true }).apply(shifted) as Symbolic,
            { initialState: [state, state] },
          ) as Symbolic;
          const scores = tf.layers.dot({ axes: [2, 2] }).apply([decoder, encoder]) as Symbolic;
          const weights = tf.layers.activation({ activation: 'softmax' }).apply(scores) as Symbolic;
          const context = tf.layers.dot({ axes: [2, 1] }).apply([weights, encoder]) as Symbolic;
          const joined = tf.layers.concatenate().apply([context, decoder]) as Symbolic;
          const each = (units: number, activation: 'tanh' | 'softmax', x: Symbolic) =>
            tf.layers.timeDistributed({ layer: dense({ units, activation }) }).apply(x) as Symbolic;
          const output = each(13, 'softmax', each(64, 'tanh', joined));
          return tf.model({ inputs: [dates, shifted], outputs: output });
        },
        { optimizer: 'adam', loss: 'categoricalCrossentropy' },
        () => ({
          x: [classes([128, 12], 35, 'float32'), classes([128, 10], 13, 'float32')],
          y: [oneHot([128, 10], 13)],
        }),
      ),
  },
  {
    name: 'translation, sequence to sequence',
    from: `${EXAMPLES}/translation: 8 letters (of 16) to 10 (of 59), 256 units, batch 64`,
    make: () =>
      layers(
        () => {
          const [english, french] = [tf.input({ shape: [8, 71] }), tf.input({ shape: [10, 94] })];
          const [, h, c] = lstm({ units: 256, returnState: true }).apply(english) as Symbolic[];
          const decoded = lstm({ units: 256, returnSequences: true }).apply(french, {
            initialState: [h as Symbolic, c as Symbolic],
          }) as Symbolic;
          const output = dense({ units: 94, activation: 'softmax' }).apply(decoded) as Symbolic;
          return tf.model({ inputs: [english, french], outputs: output });
        },
        { optimizer: 'rmsprop', loss: 'categoricalCrossentropy' },
        () => ({ x: [oneHot([64, 8], 71), oneHot([64, 10], 94)], y: [oneHot([64, 10], 94)] }),
      ),
  },
  {
    name: 'word2vec',
    from: 'Mikolov et al. 2013, as in the TensorFlow tutorial: skip-grams, 4 negative samples, 4,096 words in 128, batch 1,024',
    make: () => {
      const [target, context] = [parameter([4096, 128], 1, 'embedding'), parameter([4096, 128], 2, 'embedding')];
      const [words, around] = [classes([1024], 4096), classes([1024, 5], 4096)];
      const labels = tf.tidy(() => tf.concat([tf.ones([1024, 1]), tf.zeros([1024, 4])], 1));
      const optimizer = tf.train.adam(0.001);
      const loss = () => {
        const word = tf.reshape(tf.gather(target, words as tfTypes.Tensor1D), [1024, 128, 1]);
        const dots = tf.squeeze(tf.matMul(tf.gather(context, around as tfTypes.Tensor2D) as Tensor, word), [2]);
        return scalar(tf.losses.sigmoidCrossEntropy(labels, dots));
      };
      return {
        variables: [target, context],
        data: [words, around, labels],
        step: () => [optimizer.minimize(loss, true) as Tensor],
      };
    },
  },
  {
    name: 'GPT, 2 layers',
    from: 'Karpathy’s minGPT in tfjs ops: width 32 (of 384), 4 heads, 16 letters (of 256) out of 65, batch 8',
    rounding: { tolerance: 1e-4, why: 'Adam divides gradients near 0 by their own size' },
    make: gpt,
  },
];
