/** The theory's run files as rows: what each finished run says of theorems 1 and 2, lemma 2, figure 5c and B.1. Needs no TensorFlow. */

import type { Run } from '../runs/index.ts';
import { descendFunction, dot, evolveFunction, symmetricModes } from './evolution.ts';
import { infiniteKernel } from './infinite-kernel.ts';
import { fromUpperTriangle } from './samples.ts';

/** Which network a run of kernel-decay, kernel-kinks or deep-kernel-decay trained. */
export interface Family {
  name: string;
  sweep: string;
  /** Degree of homogeneity. */
  k: number;
  /** Its gradient has no jump: phi is linear, or a power above 1 of ReLU. */
  smooth: boolean;
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
  /** The same by equations 1 and 2 in steps of eta, from the run's own kernel and function at step 0. */
  predictedAlignment: number;
}

const finished = (run: Run): boolean => run.end?.reason === 'finished';

/** A field of an observation. Throws a RangeError that names the file when it is missing. */
function observed(run: Run, index: number, name: string): number[] {
  const value = run.observations[index]?.values[name];
  if (value === undefined) throw new RangeError(`${run.file}: observation ${index} holds no ${name}`);
  return Array.isArray(value) ? value : [value];
}

function family(run: Run): Family {
  const { model, seed } = run.header.config;
  const { sweep } = run.header;
  const { width, power, layers, activation } = model as {
    kind: string;
    width: number;
    power?: number;
    layers?: number;
    activation?: string;
  };
  // Two layers of ReLU are trained by both sweeps: their names must differ.
  if (layers !== undefined) {
    return { name: `${layers} layers, ReLU, float32`, sweep, k: layers, smooth: false, width, seed };
  }
  if (power === undefined) throw new RangeError(`${run.file}: ${model.kind} is no network of kernel-decay`);
  const smooth = activation === 'linear' || power > 1;
  const phi = activation === 'linear' ? 'linear' : power === 1 ? 'ReLU' : power === 2 ? 'ReLU²' : 'ReLU³';
  return { name: `2 layers, ${phi}`, sweep, k: power + 1, smooth, width, seed };
}

/** An observed kernel as one list of N^2 numbers. */
const flatKernel = (run: Run, index: number, name = 'kernel'): number[] =>
  fromUpperTriangle(observed(run, index, name)).flatMap((row) => Array.from(row));

const length = (values: readonly number[]): number => Math.sqrt(dot(values, values));

/** lambda t of the decay alone. */
const decayClock = ({ header }: Run, step: number): number =>
  -step * Math.log1p(-header.config.eta * header.config.lambda);

/** All measurements after step 0 of finished runs of kernel-decay and deep-kernel-decay. */
export function kernelRows(runs: readonly Run[]): KernelRow[] {
  return runs.filter(finished).flatMap((run) => {
    const { eta, lambda } = run.header.config;
    const who = family(run);
    const start = flatKernel(run, 0);
    const target = observed(run, 0, 'target');
    const align = (f: ArrayLike<number>): number => dot(f, target) / target.length;
    const problem = { k: who.k, lambda, kernel: fromUpperTriangle(observed(run, 0, 'kernel')), target };
    const theory = descendFunction(
      { ...problem, initial: observed(run, 0, 'f') },
      eta,
      run.observations.map(({ step }) => step),
    );
    return run.observations.slice(1).map(({ step }, i): KernelRow => {
      const now = flatKernel(run, i + 1);
      const lambdaT = decayClock(run, step);
      const predicted = Math.exp(-2 * (who.k - 1) * lambdaT);
      const difference = now.map((value, at) => value / predicted - (start[at] as number));
      return {
        ...who,
        step,
        lambdaT,
        left: dot(now, start) / dot(start, start),
        predicted,
        correction: length(difference) / length(start),
        alignment: align(observed(run, i + 1, 'f')),
        predictedAlignment: align(theory[i + 1] as Float64Array),
      };
    });
  });
}

/** The correction of a ReLU network in two parts: of its kinks, and of everything else. */
export interface KinkRow extends Family {
  step: number;
  lambdaT: number;
  /** As in KernelRow. */
  correction: number;
  /** The same of the kernel whose gates stay as at step 0: what no kink has changed. */
  smoothPart: number;
  /** |Theta_t - that kernel| / predicted / |Theta_0|. The two parts add up as vectors, not as lengths. */
  kinkPart: number;
  /** The kinks' part itself over |Theta_0|, N^2 numbers: its mean over seeds tells whether flips cancel. */
  kinks: number[];
  /** Share of the gates, units times samples, that are not as at step 0. */
  flipped: number;
}

/** All measurements after step 0 of finished runs of kernel-kinks. */
export function kinkRows(runs: readonly Run[]): KinkRow[] {
  return runs.filter(finished).flatMap((run) => {
    const who = family(run);
    const start = flatKernel(run, 0);
    const size = length(start);
    return run.observations.slice(1).map(({ step }, i): KinkRow => {
      const lambdaT = decayClock(run, step);
      const growth = Math.exp(2 * (who.k - 1) * lambdaT);
      const [now, frozen] = [flatKernel(run, i + 1), flatKernel(run, i + 1, 'frozen')];
      const against = (kernel: number[], other: readonly number[], scale: number): number[] =>
        kernel.map((value, at) => (value * growth - (other[at] as number) * scale) / size);
      const kinks = against(now, frozen, growth);
      return {
        ...who,
        step,
        lambdaT,
        correction: length(against(now, start, 1)),
        smoothPart: length(against(frozen, start, 1)),
        kinkPart: length(kinks),
        kinks,
        flipped: observed(run, i + 1, 'flipped')[0] as number,
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
  return runs.filter(finished).flatMap((run) => {
    const who = family(run);
    if (who.smooth) return [];
    let limit = wide.get(who.name);
    if (!limit) {
      const gram = fromUpperTriangle(observed(run, 0, 'gram'));
      // The last layer has no factor 2, and factors of ReLU layers multiply: sigma_w^2 = 2 everywhere, halved.
      const { ntk } = infiniteKernel({ gram, hidden: who.k - 1, sigmaW: Math.SQRT2 });
      limit = ntk.flatMap((row) => Array.from(row, (value) => value / 2));
      wide.set(who.name, limit);
    }
    const difference = flatKernel(run, 0).map((value, at) => value - (limit[at] as number));
    return [{ ...who, distance: length(difference) / length(limit) }];
  });
}

/** A training run of figure 5c beside equation 1 with the measured kernel. */
export interface TrainedRow {
  step: number;
  time: number;
  /** Mean over samples of y f: as trained, by equation 1 with k = 2 and with k = 1 from the same start, and with k = 2 in steps of eta. */
  trained: number;
  k2: number;
  k1: number;
  k2InSteps: number;
  /** Root mean square over samples of trained minus theory. */
  distance2: number;
  distance1: number;
  /** The same against k = 2 in steps of eta, which is what the network took. */
  distanceInSteps: number;
  /** Root mean square over samples of the theory in steps of eta minus the flow. */
  overshoot: number;
}

export interface TrainedCurve {
  width: number;
  lambda: number;
  /** lambda^2 n, which decides whether a fixed point f > 0 remains. */
  strength: number;
  /** eta times the largest eigenvalue of the kernel: above 1 the first steps overshoot the flow. */
  stepSize: number;
  rows: TrainedRow[];
  /** Largest distance over all measurements. */
  largest2: number;
  largest1: number;
  largestInSteps: number;
  /** The last measurement, by when the theory for k = 2 is below 1e-3. */
  final: TrainedRow;
}

/** The runs of relu-two-layer: every finished training run against the kernel run; none where there is no kernel run. */
export function trainedCurves(runs: readonly Run[]): TrainedCurve[] {
  const kernelRun = runs.find((run) => run.header.config['observe'] === 'kernel' && finished(run));
  if (!kernelRun) return [];
  const kernel = fromUpperTriangle(observed(kernelRun, 0, 'kernel'));
  const top = Math.max(...symmetricModes(kernel).values);
  const root = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    const difference = Array.from(a, (value, i) => value - (b[i] as number));
    return Math.sqrt(dot(difference, difference) / difference.length);
  };
  return runs
    .filter((run) => run.header.config['observe'] === 'function' && finished(run))
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
        const [f2, f1, steppedF] = [two[i], one[i], stepped[i]] as [Float64Array, Float64Array, Float64Array];
        return {
          step: steps[i] as number,
          time,
          trained: align(f),
          k2: align(f2),
          k1: align(f1),
          k2InSteps: align(steppedF),
          distance2: root(f, f2),
          distance1: root(f, f1),
          distanceInSteps: root(f, steppedF),
          overshoot: root(steppedF, f2),
        };
      });
      const width = model['width'] as number;
      return {
        width,
        lambda,
        strength: lambda ** 2 * width,
        stepSize: eta * top,
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
  /** n */
  width: number;
  /** `fresh`: from a new initialization; `up`, `down`: from where the strength before left it. */
  path: 'fresh' | 'up' | 'down';
  /** lambda^(L+1) / beta^2 */
  strength: number;
  lambda: number;
  f: number;
  squaredNorms: number[];
  /** Largest second over first singular value of the layers. */
  rankRatio: number;
  /** Steps of gradient descent, and the largest gradient of a weight after them. */
  updates: number;
  gradient: number;
}

/** All strengths of the finished runs of deep-linear. */
export function fixedPointRows(runs: readonly Run[]): FixedPointRow[] {
  return runs.filter(finished).flatMap((run) => {
    const { model, path } = run.header.config;
    const strengths = run.observations.map((_, i) => observed(run, i, 'strength')[0] as number);
    const top = strengths.indexOf(Math.max(...strengths));
    return run.observations.map((_, i): FixedPointRow => {
      return {
        parameterization: model['parameterization'] as string,
        depth: model['depth'] as number,
        width: model['width'] as number,
        path: path === 'fresh' ? 'fresh' : i <= top ? 'up' : 'down',
        strength: strengths[i] as number,
        lambda: observed(run, i, 'lambda')[0] as number,
        f: observed(run, i, 'f')[0] as number,
        squaredNorms: observed(run, i, 'squaredNorms'),
        rankRatio: Math.max(...observed(run, i, 'rankRatios')),
        updates: observed(run, i, 'updates')[0] as number,
        gradient: observed(run, i, 'gradient')[0] as number,
      };
    });
  });
}
