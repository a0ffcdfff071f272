/** Beyond the paper: where the norm of the weights settles under L2, how soon, and how far one update turns a weight there. */

import type { Run } from '../runs/index.ts';
import { groupBy, hasFinished, meanOf } from './curve.ts';
import { fitPowerLaw } from './power-law.ts';
import { mean } from './regress.ts';
import type { Estimate } from './regress.ts';
import { STANDARD } from './standard.ts';
import { decayRate } from './summary.ts';

/** Set on 2026-11-29, after the logs of wrn-momentum-lambda as committed then had been seen, before any log of wrn-layers. */
export const EQUILIBRIUM_RULES = {
  /** A run tells the norm at equilibrium when it lasts so many decay times 1/rate: u^2 = |w|^4 approaches it as exp(-4 T). */
  decayTimes: 4,
  /** The norm there is the mean over this last part of the run. */
  last: 0.5,
  /** And is reached where it stays within this of it. */
  within: 0.1,
} as const;

/** One lambda at its longest, over seeds. */
export interface EquilibriumNorm {
  lambda: number;
  seeds: number;
  /** Length of the run in decay times. */
  length: number;
  /** Highest training accuracy, mean over seeds. */
  reach: number;
  /** Sum of squares of the weights at the start and at equilibrium (geometric mean over seeds with its interval). */
  start: number;
  norm: Estimate;
  /** Decay times until the norm stays within EQUILIBRIUM_RULES.within of it, over seeds. */
  reached: Estimate;
  /** The same if |w|^4 went to equilibrium as exp(-4 T) from the start on. */
  predicted: number;
  runs: Run[];
}

/** Every lambda whose longest runs last long enough and fit their data. */
export function equilibriumNorms(runs: readonly Run[]): EquilibriumNorm[] {
  const long = runs.filter((run) => hasFinished(run) && timesOf(run) >= EQUILIBRIUM_RULES.decayTimes * (1 - 1e-9));
  return [...groupBy(long, ({ header }) => header.config.lambda)]
    .map(([lambda, same]) => {
      const steps = Math.max(...same.map(({ header }) => header.config.steps));
      const used = same.filter(({ header }) => header.config.steps === steps);
      const norm = geometric(used.map(normOf));
      const start = mean(used.map(({ measures }) => measures[0]!.l2Norm));
      return {
        lambda,
        seeds: used.length,
        length: timesOf(used[0]!),
        reach: mean(used.map(({ measures }) => 1 - Math.min(...measures.map(({ trainError }) => trainError)))),
        start,
        norm,
        reached: meanOf(used.map(reachedAt)),
        predicted: approach(start, norm.value),
        runs: used,
      };
    })
    .filter(({ reach }) => reach >= STANDARD.reach - 1e-9)
    .sort((a, b) => a.lambda - b.lambda);
}

const timesOf = ({ header: { config } }: Run): number => decayRate(config) * config.steps;

function geometric(values: readonly number[]): Estimate {
  const { value, low, high } = meanOf(values.map(Math.log));
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

function normOf({ measures, header: { config } }: Run): number {
  const from = (1 - EQUILIBRIUM_RULES.last) * config.steps;
  return mean(measures.filter(({ step }) => step >= from).map(({ l2Norm }) => l2Norm));
}

function reachedAt(run: Run): number {
  const { measures, header } = run;
  const norm = normOf(run);
  const from = (1 - EQUILIBRIUM_RULES.last) * header.config.steps;
  const early = measures.filter(({ step }) => step < from);
  const lastOutside = early.findLastIndex(({ l2Norm }) => Math.abs(l2Norm / norm - 1) > EQUILIBRIUM_RULES.within);
  const at = early[lastOutside + 1]?.step ?? from;
  return decayRate(header.config) * at;
}

/** Decay times until u, with u^2 relaxing as exp(-4 T), is within EQUILIBRIUM_RULES.within of its end; 0 where it begins there. */
function approach(start: number, end: number): number {
  const excess = Math.abs((start / end) ** 2 - 1);
  const left = (1 + EQUILIBRIUM_RULES.within) ** 2 - 1;
  return Math.max(0, Math.log(excess / left) / 4);
}

/** Norm ~ lambda^exponent over these; undefined with fewer than three. */
export function equilibriumLaw(norms: readonly EquilibriumNorm[]): { exponent: Estimate; n: number } | undefined {
  if (norms.length < 3) return undefined;
  const { exponents } = fitPowerLaw(
    norms.map(({ norm }) => norm.value),
    { lambda: norms.map(({ lambda }) => lambda) },
  );
  return { exponent: exponents['lambda']!, n: norms.length };
}

/** The angle that one update turns a scale-invariant weight by at equilibrium, radians: sqrt(2 r), r = eta times the L2 gradient's factor, over 1 + momentum. */
export function equilibriumAngle({ header: { config } }: Run): number {
  const { eta, lambda, momentum, l2Convention } = config;
  const factor = l2Convention === 'full' ? 2 * lambda : lambda;
  return Math.sqrt((2 * eta * factor) / (1 + momentum));
}

/** One kernel of a network in one run. */
export interface LayerAngle {
  lambda: number;
  eta: number;
  momentum: number;
  layer: string;
  /** Batch norm follows directly, so that its scale changes nothing. */
  invariant: boolean;
  /** Mean over the last part of the run, and the same by the formula. */
  angle: number;
  predicted: number;
  squaredNorm: number;
}

/** Names of a WRN's parameters in the order of its model (lib/models/wrn.ts); a test holds them against it. */
export function wrnParameterNames(depth: number): string[] {
  const layer = (name: string, parts: readonly string[]) => parts.map((part) => `${name}/${part}`);
  const convolution = (name: string) => layer(name, ['weights', 'bias']);
  const normalization = (name: string) => layer(name, ['scale', 'offset']);
  const blocks = Array.from({ length: (depth - 4) / 6 }, (_, block) => block);
  return [
    ...convolution('conv0'),
    ...[0, 1, 2].flatMap((group) =>
      blocks.flatMap((block) => {
        const name = `group${group}/block${block}`;
        return [
          ...normalization(`${name}/bn0`),
          ...convolution(`${name}/conv0`),
          ...normalization(`${name}/bn1`),
          ...convolution(`${name}/conv1`),
          ...(block === 0 ? convolution(`${name}/shortcut`) : []),
        ];
      }),
    ),
    ...normalization('bn'),
    ...layer('dense', ['weights', 'bias']),
  ];
}

/** Every kernel of the runs that logged norms and angles, over the last part of each run. */
export function layerAngles(runs: readonly Run[]): LayerAngle[] {
  return runs
    .filter((run) => hasFinished(run) && run.header.config['observe'] === 'layers')
    .flatMap((run) => {
      const { config } = run.header;
      const late = run.observations.filter(({ step }) => step >= (1 - EQUILIBRIUM_RULES.last) * config.steps);
      const of = (key: 'angles' | 'squaredNorms', i: number) =>
        mean(late.map(({ values }) => (values[key] as readonly number[])[i]!));
      return wrnParameterNames(config.model['depth'] as number).flatMap((name, i) =>
        name.endsWith('/weights')
          ? [
              {
                lambda: config.lambda,
                eta: config.eta,
                momentum: config.momentum,
                layer: name.replace('/weights', ''),
                invariant: /block\d+\/conv0/.test(name),
                angle: of('angles', i),
                predicted: equilibriumAngle(run),
                squaredNorm: of('squaredNorms', i),
              },
            ]
          : [],
      );
    });
}

/** Measured over predicted angle, a run and kind of kernel: geometric mean over kernels with its interval. */
export function angleRatios(angles: readonly LayerAngle[]): {
  lambda: number;
  eta: number;
  momentum: number;
  invariant: boolean;
  layers: number;
  predicted: number;
  ratio: Estimate;
}[] {
  const kinds = groupBy(angles, ({ lambda, eta, momentum, invariant }) => [lambda, eta, momentum, invariant].join(' '));
  return [...kinds.values()].map((same) => {
    const { lambda, eta, momentum, invariant, predicted } = same[0]!;
    const ratio = geometric(same.map((each) => each.angle / each.predicted));
    return { lambda, eta, momentum, invariant, layers: same.length, predicted, ratio };
  });
}
