/**
 * npm run soak:compute [-- --steps n --retraces n]: memory of compiled training over a long time. Kept out of the tests for
 * its length; they have the same in short.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { compile, dense, relu, scalarInput, softmaxCrossEntropy, tf, type Program } from '../../lib/compute/index.ts';
import { counts, variable } from './support.ts';

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '30000' }, retraces: { type: 'string', default: '100' } },
});
/** Memory may grow by this much: allocators keep some, and JavaScript's garbage waits. A leak of the state would be far more. */
const ALLOWED_MB = 60;

type Sample = ReturnType<typeof counts> & { megabytes: number };
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const sample = (): Sample => (
  collectGarbage(),
  collectGarbage(),
  {
    ...counts(),
    megabytes: Math.round(process.memoryUsage().rss / 1e6),
  }
);
const line = (what: string, { tensors, native, sessions, megabytes }: Sample): void =>
  console.log(
    `${what.padEnd(24)} ${tensors} tensors, ${native} in TensorFlow, ${sessions} sessions, ${megabytes} MB resident`,
  );

let failed = false;
function requireFlat(what: string, before: Sample, after: Sample): void {
  const same = before.tensors === after.tensors && before.native === after.native && before.sessions === after.sessions;
  if (same && after.megabytes - before.megabytes <= ALLOWED_MB) return;
  failed = true;
  console.error(
    `${what}: not flat, ${after.megabytes - before.megabytes} MB more (allowed ${ALLOWED_MB}), counts ${same ? 'equal' : 'differ'}`,
  );
}

const sizes = [784, 256, 256, 10];
const parameters = sizes
  .slice(1)
  .flatMap((units, i) => [tf.randomNormal([sizes[i]!, units], 0, 0.05), tf.zeros([units])])
  .map(variable);
const x = tf.randomNormal([64, 784]);
const y = tf.tensor1d(
  Array.from({ length: 64 }, (_, i) => i % 10),
  'int32',
);
const logits = (): tfTypes.Tensor => {
  const p = parameters as tfTypes.Tensor[];
  return dense(relu(dense(relu(dense(x, p[0]!, p[1])), p[2]!, p[3])), p[4]!, p[5]);
};
const build = (): Program<'step'> =>
  compile({
    variables: parameters,
    data: [x, y],
    functions: {
      step: {
        inputs: [scalarInput],
        run(eta) {
          const loss = () => tf.mean(softmaxCrossEntropy(logits(), y)) as tfTypes.Scalar;
          const { value, grads } = tf.variableGrads(loss, parameters);
          for (const v of parameters) v.assign(tf.sub(v, tf.mul(grads[v.name]!, eta)));
          return [value];
        },
      },
    },
  });

const eta = tf.scalar(0.01);
eta.dataSync();
const retrace = (): void => {
  const again = build();
  tf.dispose(again.repeat('step', 2, eta));
  again.dispose();
};
retrace();
const empty = sample();
line('before', empty);

const program = build();
const steps = Number(values.steps);
const single = Math.ceil(steps / 2);
for (let i = 0; i < 1000; i++) tf.dispose(program.call('step', eta));
const warm = sample();
line('after 1000 calls', warm);
for (let done = 0; done < single;) {
  const part = Math.min(5000, single - done);
  for (let i = 0; i < part; i++) tf.dispose(program.call('step', eta));
  line(`${(done += part)} calls`, sample());
}
tf.dispose(program.repeat('step', Math.max(1, steps - single), eta));
const stepped = sample();
line(`${steps - single} steps in a loop`, stepped);
requireFlat(`${steps} steps`, warm, stepped);
program.dispose();
requireFlat('dispose', empty, sample());

// V8 gives its young generation 100 MB more during the first hundred; from then on nothing may grow.
const warmUp = 120;
for (let i = 0; i < warmUp; i++) retrace();
const retraced = sample();
line(`${warmUp} retraces`, retraced);
const retraces = Number(values.retraces);
for (let i = 1; i <= retraces; i++) {
  retrace();
  if (i % 25 === 0) line(`${i} more`, sample());
}
requireFlat(`${retraces} retraces`, retraced, sample());
console.log(failed ? 'NOT flat' : 'flat');
process.exitCode = failed ? 1 : 0;
