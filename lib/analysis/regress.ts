import jstat from 'jstat';
import { inverse, Matrix, SingularValueDecomposition } from 'ml-matrix';

/** A number with its two-sided confidence interval, from Student's t. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** Ordinary least squares of a response on named predictors and a constant. */
export interface Regression {
  constant: Estimate;
  /** One slope a predictor, by name. */
  slopes: Record<string, Estimate>;
  /** Number of observations. */
  n: number;
  /** Standard deviation of the residuals, n - p degrees of freedom. */
  residual: number;
  /** Share of the response's variance that the fit explains. */
  r2: number;
  /** Of the intervals, e.g. 0.95. */
  confidence: number;
}

/**
 * Least squares with confidence intervals that take residuals for independent and alike. Throws a RangeError when there are fewer than two
 * observations more than coefficients, when a value is not finite, or when the predictors do not vary independently.
 */
export function regress(
  response: readonly number[],
  predictors: Readonly<Record<string, readonly number[]>>,
  confidence = 0.95,
): Regression {
  const names = Object.keys(predictors);
  const n = response.length;
  const degrees = n - names.length - 1;
  if (degrees < 1)
    throw new RangeError(
      `${n} observations cannot fix ${names.length + 1} coefficients with an interval: ${names.length + 2} are needed`,
    );
  const rows = response.map((_, i) => names.map((name) => predictors[name]![i]!));
  if (![...response, ...rows.flat()].every(Number.isFinite))
    throw new RangeError('a regression needs finite numbers: leave out what was not measured');

  // Centred predictors keep the normal equations well conditioned and the constant uncorrelated with the slopes.
  const centre = names.map((_, j) => mean(rows.map((row) => row[j]!)));
  const design = new Matrix(rows.map((row) => [...row.map((value, j) => value - centre[j]!), 1]));
  const svd = new SingularValueDecomposition(design);
  if (svd.rank <= names.length)
    throw new RangeError(`${names.join(' and ')} do not vary independently here: their slopes cannot be told apart`);
  const weights = svd.solve(Matrix.columnVector([...response])).to1DArray();

  const fitted = design.mmul(Matrix.columnVector(weights)).to1DArray();
  const squares = sum(response.map((value, i) => (value - fitted[i]!) ** 2));
  const variance = squares / degrees;
  const covariance = inverse(design.transpose().mmul(design)).mul(variance);
  const quantile = jstat.studentt.inv((1 + confidence) / 2, degrees);
  const estimate = (direction: number[]): Estimate => {
    const d = Matrix.rowVector(direction);
    const value = sum(direction.map((share, i) => share * weights[i]!));
    const reach = quantile * Math.sqrt(d.mmul(covariance).mmul(d.transpose()).get(0, 0));
    return { value, low: value - reach, high: value + reach };
  };
  const average = mean(response);
  const total = sum(response.map((value) => (value - average) ** 2));
  return {
    constant: estimate([...centre.map((c) => -c), 1]),
    slopes: Object.fromEntries(
      names.map((name, j) => [name, estimate([...names.map((_, i) => (i === j ? 1 : 0)), 0])]),
    ),
    n,
    residual: Math.sqrt(variance),
    r2: total === 0 ? 1 : 1 - squares / total,
    confidence,
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
