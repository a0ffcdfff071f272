/** Grids of (eta, lambda) and run lengths, computed so that decimal inputs give the decimal answer. */
import { hashConfig, type RunConfig, type RunRole, type SweepRun } from '../runs/index.ts';

/** Rounds away the last digits of a double: 0.1 * 0.3 is 0.03, and 2 / 0.003 is 666.666666667. */
export const decimal = (value: number): number => Number(value.toPrecision(12));

/** eta * lambda as a person would multiply them: 0.02 * 0.05 is not below 0.001. */
export const product = (eta: number, lambda: number): number => decimal(eta * lambda);

/** ceil(numerator / (eta lambda)), not one more where the quotient is whole. */
export const stepsFor = (numerator: number, eta: number, lambda: number): number =>
  Math.ceil(decimal(numerator / product(eta, lambda)));

/** Every pair that `keep` accepts, eta outermost. */
export function pairs(
  etas: readonly number[],
  lambdas: readonly number[],
  keep: (eta: number, lambda: number) => boolean = () => true,
): { eta: number; lambda: number }[] {
  return etas.flatMap((eta) => lambdas.filter((lambda) => keep(eta, lambda)).map((lambda) => ({ eta, lambda })));
}

/** Runs of one role; those of a grid without L2 say so. Shortest first, without repeats. */
export function toRuns(configs: readonly RunConfig[], varying: readonly string[], role: RunRole = 'grid'): SweepRun[] {
  const roleOf = ({ lambda }: RunConfig): RunRole => (role === 'grid' && lambda === 0 ? 'without L2' : role);
  return inOrder(configs.map((config) => ({ config, varying, role: roleOf(config) })));
}

/** Shortest first (a stable sort, so equal lengths keep their order), without repeats. */
export function inOrder(runs: readonly SweepRun[]): SweepRun[] {
  const seen = new Set<string>();
  return runs
    .filter(({ config }) => {
      const hash = hashConfig(config);
      return !seen.has(hash) && seen.add(hash);
    })
    .sort((a, b) => a.config.steps - b.config.steps);
}

/** The same runs with other seeds, to follow them in a sweep: it says something long before it has its error bands. */
export function otherSeeds(runs: readonly SweepRun[], seeds: readonly number[]): SweepRun[] {
  return seeds.flatMap((seed) =>
    runs.map((run) => ({ ...run, config: { ...run.config, seed }, varying: [...run.varying, 'seed'] })),
  );
}

/** Every run with seeds 0, 1 and 2, the first of all runs first. */
export const threeSeeds = (runs: readonly SweepRun[]): SweepRun[] => [...runs, ...otherSeeds(runs, [1, 2])];
