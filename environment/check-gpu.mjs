// npm run check:gpu: TensorFlow for NVIDIA GPUs (several GB of wheels) links, loads and computes, on the CPU where there is no GPU.
// The checkout's own addon stays as it is. Not part of npm test: the download is too big.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { become } from './become.mjs';
import { node24, ROOT, runMain } from './setup.mjs';
import { runSteps } from './steps.mjs';
import { addonStep, libtensorflowStep } from './tensorflow.mjs';

const program = `
require(process.argv[1] + '/lib/compute/node-util.cjs');
const addon = process.argv[2];
require(require.resolve('@mapbox/node-pre-gyp', { paths: [require.resolve('@tensorflow/tfjs-node-gpu')] })).find = () => addon;
const tf = require('@tensorflow/tfjs-node-gpu');
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync();
if (product.join() !== '19,22,43,50') throw new Error('a wrong product: ' + product);
console.log('TensorFlow ' + tf.backend().binding.TF_Version + ' computes on ' + (tf.backend().isUsingGpuDevice ? 'GPU' : 'CPU'));`;

await runMain(async () => {
  const output = mkdtempSync(join(tmpdir(), 'l2-dynamics-gpu-'));
  try {
    const say = (line) => process.stderr.write(`${line}\n`);
    const steps = [libtensorflowStep(ROOT, 'gpu'), addonStep(ROOT, 'gpu', undefined, node24, output)];
    await runSteps(steps, join(ROOT, '.cache', 'setup'), say);
    return await become(node24(), ['-e', program, ROOT, join(output, 'tfjs_binding.node')], { cwd: ROOT });
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
