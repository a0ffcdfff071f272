/** A sweep of 40 tiny runs in this process: forty.ts <root> [kill]. With `kill` it kills itself in the midst of the eleventh. */
import { defineSweep, trainSweep } from '../../lib/own/index.ts';

const [root, kill] = process.argv.slice(2) as [string, string | undefined];
const samples = (count: number, from: number) => {
  const y = Int32Array.from({ length: count }, (_, i) => i % 2);
  return { x: Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(from + i) + (y[Math.floor(i / 2)] ?? 0)), y };
};
const sweep = await defineSweep({
  name: 'forty',
  data: { name: 'points', shape: [2], classes: 2, train: samples(40, 0), test: samples(40, 500) },
  model: ({ tf, classes, width }) =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: width, inputShape: [2], activation: 'relu' }),
        tf.layers.dense({ units: classes }),
      ],
    }),
  grid: { eta: [0.1, 0.3], lambda: [0, 0.001, 0.003, 0.01, 0.03], width: [4, 8] },
  seeds: [0, 1],
  steps: 300,
  measure: { every: 10 },
});
const { definition: _file, ...inThisProcess } = sweep;
const made = await trainSweep(inThisProcess, {
  root,
  onProgress({ done, step, state }) {
    if (kill && done === 10 && state === 'running' && step > 0) process.kill(process.pid, 'SIGKILL');
  },
});
console.log(made.filter(({ state }) => state === 'finished').length);
