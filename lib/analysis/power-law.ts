import { mean, regress } from './regress.ts';
import type { Estimate } from './regress.ts';

/** y = factor * product of x^exponent, fitted on the logarithms. */
export interface PowerLaw {
  /** One a predictor, by name. */
  exponents: Record<string, Estimate>;
  factor: Estimate;
  /** Typical misfit: y lies within this factor of the law (one standard deviation of log y). */
  scatter: number;
  r2: number;
  n: number;
  confidence: number;
}

/**
 * Fits y ~ factor * x1^e1 * x2^e2 ... by least squares on logarithms. Values must be positive. Throws a RangeError as `regress` does.
 */
export function fitPowerLaw(
  y: readonly number[],
  predictors: Readonly<Record<string, readonly number[]>>,
  confidence = 0.95,
): PowerLaw {
  const logs = Object.fromEntries(Object.entries(predictors).map(([name, values]) => [name, values.map(Math.log)]));
  const fit = regress(y.map(Math.log), logs, confidence);
  return {
    exponents: fit.slopes,
    factor: exp(fit.constant),
    scatter: Math.exp(fit.residual),
    r2: fit.r2,
    n: fit.n,
    confidence,
  };
}

/** The same with fixed exponents: only the factor is fitted. `product` is the product of powers for each observation. */
export function fitFactor(
  y: readonly number[],
  product: readonly number[],
  confidence = 0.95,
): { factor: Estimate; scatter: number; n: number } {
  const logs = y.map((value, i) => Math.log(value / product[i]!));
  const fit = regress(logs, {}, confidence);
  return { factor: exp({ ...fit.constant, value: mean(logs) }), scatter: Math.exp(fit.residual), n: fit.n };
}

function exp({ value, low, high }: Estimate): Estimate {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}
