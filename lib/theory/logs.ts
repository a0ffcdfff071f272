/** The theory's run files as rows: what each says of theorem 1, lemma 2, figure 5c and B.1. Needs no TensorFlow. */

import type { Run } from '../runs/index.ts';
import { descendFunction, dot, evolveFunction } from './evolution.ts';
import { infiniteKernel } from './infinite-kernel.ts';
import { fromUpperTriangle } from './samples.ts';

/** Which corrections the exponent of lemma 2 is fitted to: the first step, lambda t = 0.32 and lambda t = 1; widths from 256. */
export const CORRECTION_RULE = { steps: [1, 32, 100], leastWidth: 256 } as const;

/** Which network a run of kernel-decay or deep-kernel-decay trained. */
export interface Family {
  name: string;
  /** Degree of homogeneity. */
  k: number;
  width: number;
  seed: number;
}

/** One measurement of the tangent kernel in training, set against theorem 1. */
export interface KernelRow extends Family {
  step: number;
  /** lambda t of the decay alone: -step log(1 - eta lambda), of which gradient flow's eta lambda step is the limit. */
  lambdaT: number;
  /** <Theta_t, Theta_0> / <Theta_0, Theta_0>: the part of the kernel's start that is left. */
  left: number;
  /** exp(-2 (k - 1) lambda t), theorem 1. */
  predicted: number;
  /** |Theta_t / predicted - Theta_0| / |Theta_0|, Frobenius norms: what theorem 1 says is 0 at infinite width. */
  correction: number;
  /** Mean over samples of y f: 1 where the labels are met. */
  alignment: number;
}

/** A field of an observation. Throws a RangeError that names the file when it is missing. */
function observed(run: Run, index: number, name: string): number[] {
  const value = run.observations[index]?.values[name];
  if (value === undefined) throw new RangeError(`${run.file}: observation ${index} holds no ${name}`);
  return Array.isArray(value) ? value : [value];
}

function family(run: Run): Family {
  const { model, seed } = run.header.config;
  const { width, power, layers, activation } = model as {
    kind: string;
    width: number;
    power?: number;
    layers?: number;
    activation?: string;
  };
  if (layers !== undefined) return { name: `${layers} layers, ReLU`, k: layers, width, seed };
  if (power === undefined) throw new RangeError(`${run.file}: ${model.kind} is no network of kernel-decay`);
  const phi = activation === 'linear' ? 'linear' : power === 1 ? 'ReLU' : power === 2 ? 'ReLU²' : 'ReLU³';
  return { name: `two layers, ${phi}`, k: power + 1, width, seed };
}

/** All measurements after step 0 of finished runs of kernel-decay and deep-kernel-decay. */
export function kernelRows(runs: readonly Run[]): KernelRow[] {
  return runs
    .filter((run) => run.end?.reason === 'finished')
    .flatMap((run) => {
      const { eta, lambda } = run.header.config;
      const who = family(run);
      const start = fromUpperTriangle(observed(run, 0, 'kernel')).flatMap((row) => Array.from(row));
      const target = observed(run, 0, 'target');
      return run.observations.slice(1).map(({ step }, i): KernelRow => {
        const now = fromUpperTriangle(observed(run, i + 1, 'kernel')).flatMap((row) => Array.from(row));
        const lambdaT = -step * Math.log1p(-eta * lambda);
        const predicted = Math.exp(-2 * (who.k - 1) * lambdaT);
        const difference = now.map((value, at) => value / predicted - (start[at] as number));
        return {
          ...who,
          step,
          lambdaT,
          left: dot(now, start) / dot(start, start),
          predicted,
          correction: Math.sqrt(dot(difference, difference) / dot(start, start)),
          alignment: dot(observed(run, i + 1, 'f'), target) / target.length,
        };
      });
    });
}

export interface InitialKernelRow extends Family {
  /** |Theta_0 - Theta_infinite| / |Theta_infinite|, Frobenius norms. */
  distance: number;
}

/** The kernel at initialization against the infinite-width one, for the ReLU networks of kernel-decay and deep-kernel-decay. */
export function initialKernelRows(runs: readonly Run[]): InitialKernelRow[] {
  const wide = new Map<string, number[]>();
  return runs.flatMap((run) => {
    const who = family(run);
    if (!who.name.endsWith('ReLU')) return [];
    let limit = wide.get(who.name);
    if (!limit) {
      const gram = fromUpperTriangle(observed(run, 0, 'gram'));
      // The last layer has no factor 2, and factors of ReLU layers multiply: sigma_w^2 = 2 everywhere, halved.
      const { ntk } = infiniteKernel({ gram, hidden: who.k - 1, sigmaW: Math.SQRT2 });
      limit = ntk.flatMap((row) => Array.from(row, (value) => value / 2));
      wide.set(who.name, limit);
    }
    const start = fromUpperTriangle(observed(run, 0, 'kernel')).flatMap((row) => Array.from(row));
    const difference = start.map((value, at) => value - (limit[at] as number));
    return [{ ...who, distance: Math.sqrt(dot(difference, difference) / dot(limit, limit)) }];
  });
}

/** A training run of figure 5c beside equation 1 with the measured kernel. */
export interface TrainedRow {
  time: number;
  /** Mean over samples of y f: as trained, and by equation 1 with k = 2 and with k = 1 from the same start. */
  trained: number;
  k2: number;
  k1: number;
  /** Root mean square over samples of trained minus theory. */
  distance2: number;
  distance1: number;
  /** The same against k = 2 in steps of eta, which is what the network took. */
  distanceInSteps: number;
}

export interface TrainedCurve {
  width: number;
  lambda: number;
  rows: TrainedRow[];
  /** Largest distance over all measurements. */
  largest2: number;
  largest1: number;
  largestInSteps: number;
  /** The last measurement, by when the theory for k = 2 is below 1e-3. */
  final: TrainedRow;
}

/** The runs of relu-two-layer: every finished training run against the kernel run. Throws a RangeError without a kernel run. */
export function trainedCurves(runs: readonly Run[]): TrainedCurve[] {
  const kernelRun = runs.find(({ header }) => header.config['observe'] === 'kernel');
  if (!kernelRun)
    throw new RangeError('relu-two-layer has no kernel run: npm run train -- relu-two-layer --root data/runs');
  const kernel = fromUpperTriangle(observed(kernelRun, 0, 'kernel'));
  const root = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    const difference = Array.from(a, (value, i) => value - (b[i] as number));
    return Math.sqrt(dot(difference, difference) / difference.length);
  };
  return runs
    .filter(({ header, end }) => header.config['observe'] === 'function' && end?.reason === 'finished')
    .map((run) => {
      const { model, lambda, eta } = run.header.config;
      const [initial, target] = [observed(run, 0, 'f'), observed(run, 0, 'target')];
      const align = (f: ArrayLike<number>): number => dot(f, target) / target.length;
      const times = run.observations.map(({ step }) => eta * step);
      const steps = run.observations.map(({ step }) => step);
      const stepped = descendFunction({ k: 2, lambda, kernel, initial, target }, eta, steps);
      const [two, one] = [2, 1].map((k) => evolveFunction({ k, lambda, kernel, initial, target }, times)) as [
        Float64Array[],
        Float64Array[],
      ];
      const rows = times.map((time, i): TrainedRow => {
        const f = observed(run, i, 'f');
        const [f2, f1] = [two[i] as Float64Array, one[i] as Float64Array];
        return {
          time,
          trained: align(f),
          k2: align(f2),
          k1: align(f1),
          distance2: root(f, f2),
          distance1: root(f, f1),
          distanceInSteps: root(f, stepped[i] as Float64Array),
        };
      });
      return {
        width: model['width'] as number,
        lambda,
        rows,
        largest2: Math.max(...rows.map((row) => row.distance2)),
        largest1: Math.max(...rows.map((row) => row.distance1)),
        largestInSteps: Math.max(...rows.map((row) => row.distanceInSteps)),
        final: rows.at(-1) as TrainedRow,
      };
    })
    .sort((a, b) => a.width - b.width || a.lambda - b.lambda);
}

/** Where gradient descent ended at one strength. */
export interface FixedPointRow {
  parameterization: string;
  /** L */
  depth: number;
  /** `fresh`: from a new initialization; `up`, `down`: from where the strength before left it. */
  path: 'fresh' | 'up' | 'down';
  /** lambda^(L+1) / beta^2 */
  strength: number;
  lambda: number;
  f: number;
  squaredNorms: number[];
  /** Largest second over first singular value of the layers. */
  rankRatio: number;
}

/** All strengths of the runs of deep-linear. */
export function fixedPointRows(runs: readonly Run[]): FixedPointRow[] {
  return runs.flatMap((run) => {
    const { model, path } = run.header.config;
    const strengths = run.observations.map((_, i) => observed(run, i, 'strength')[0] as number);
    const top = strengths.indexOf(Math.max(...strengths));
    return run.observations.map((_, i): FixedPointRow => {
      return {
        parameterization: model['parameterization'] as string,
        depth: model['depth'] as number,
        path: path === 'fresh' ? 'fresh' : i <= top ? 'up' : 'down',
        strength: strengths[i] as number,
        lambda: observed(run, i, 'lambda')[0] as number,
        f: observed(run, i, 'f')[0] as number,
        squaredNorms: observed(run, i, 'squaredNorms'),
        rankRatio: Math.max(...observed(run, i, 'rankRatios')),
      };
    });
  });
}
