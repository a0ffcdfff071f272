/**
 * Infinite-width dynamics with L2, one eigenmode of the tangent kernel at a time: equation 3 of the paper.
 *
 * Gradient flow on sum over samples of (f - y)^2 / 2 + (lambda / 2) |theta|^2 for a k-homogeneous network gives
 *   df/dt = -gamma_t (f - y) - k lambda f   (1),   gamma_t = gamma exp(-2 (k - 1) lambda t)   (2).
 */

import { integrate } from './quadrature.ts';

export interface Dynamics {
  /** Degree of homogeneity: f(a theta) = a^k f(theta). 1 is a linear model, 2 a network of two layers. Any real number >= 1. */
  k: number;
  /** L2 coefficient lambda of the convention (lambda / 2) |theta|^2, >= 0. */
  lambda: number;
}

export interface Mode extends Dynamics {
  /** Eigenvalue of the tangent kernel at t = 0, >= 0. */
  gamma: number;
  /** The function's component along the mode at t = 0. */
  initial: number;
  /** The labels' component along the mode. */
  target: number;
}

/** Below exp(-CUT) of its largest value the integrand of (3) is left out: 1e-26. */
const CUT = 60;

export function checkDynamics({ k, lambda }: Dynamics): void {
  if (!(k >= 1)) throw new RangeError(`k must be a number >= 1 (the degree of homogeneity), not ${k}`);
  if (!(lambda >= 0 && lambda < Infinity)) throw new RangeError(`lambda must be a finite number >= 0, not ${lambda}`);
}

function checkTime(time: number): void {
  if (!(time >= 0 && time < Infinity)) throw new RangeError(`time must be a finite number >= 0, not ${time}`);
}

/** The kernel's decay exp(-2 (k - 1) lambda t), equation 2. */
export function kernelDecay({ k, lambda }: Dynamics, time: number): number {
  return Math.exp(-2 * (k - 1) * lambda * time);
}

/**
 * f_gamma(t) of equation 3. With c = 2 (k - 1) lambda, tau = t - t' and E(tau) = (exp(c tau) - 1) / c, (3) reads
 *   f(t) = exp(-k lambda t - gamma_t E(t)) f_0 + gamma_t y integral_0^t exp((k - 2) lambda tau - gamma_t E(tau)) dtau,
 * which has no difference of large numbers and stays valid for k -> 1 and lambda -> 0, where E(tau) -> tau.
 * The integral is `integrate` (20-point Gauss-Legendre, at least 12 panels, none wider than 1 / (2 c)) up to where the integrand has fallen below 1e-26.
 * Throws a RangeError for k < 1 or for a negative lambda, gamma or time.
 */
export function evolveMode(mode: Mode, time: number): number {
  checkDynamics(mode);
  checkTime(time);
  const { k, lambda, gamma, initial, target } = mode;
  if (!(gamma >= 0)) throw new RangeError(`gamma must be a number >= 0, not ${gamma}`);
  const c = 2 * (k - 1) * lambda;
  const gammaNow = gamma * Math.exp(-c * time);
  const absorbed = gamma * (c === 0 ? time : -Math.expm1(-c * time) / c);
  const free = Math.exp(-k * lambda * time - absorbed) * initial;
  if (gamma === 0 || target === 0 || time === 0) return free;
  const reach = Math.min(
    time,
    c === 0 ? CUT / gammaNow : Math.log1p((CUT * c) / gammaNow) / c,
    k < 2 && lambda > 0 ? CUT / ((2 - k) * lambda) : Infinity,
  );
  const logGamma = Math.log(gamma) - c * time;
  // gamma_t E(tau) with the decay and the growth in one exponential: neither may over- or underflow alone.
  const absorbedSince = (tau: number): number =>
    Math.exp(logGamma + c * tau) * (c === 0 ? tau : -Math.expm1(-c * tau) / c);
  const driven = integrate(
    (tau) => Math.exp(logGamma + (k - 2) * lambda * tau - absorbedSince(tau)),
    0,
    reach,
    Math.max(12, Math.ceil(2 * c * reach)),
  );
  return free + target * driven;
}

/** Equation 3 at several times, as a Float64Array of the same length. */
export function evolveModeAt(mode: Mode, times: ArrayLike<number>): Float64Array {
  return Float64Array.from(times, (time) => evolveMode(mode, time));
}

/** k = 1, where the kernel stays: f = exp(-(gamma + lambda) t) f_0 + gamma / (gamma + lambda) (1 - exp(-(gamma + lambda) t)) y. */
export function linearMode({ lambda, gamma, initial, target }: Omit<Mode, 'k'>, time: number): number {
  const rate = gamma + lambda;
  if (rate === 0) return initial;
  return Math.exp(-rate * time) * initial - (gamma / rate) * Math.expm1(-rate * time) * target;
}

/** The late-time limit of a mode: f(t) / envelope(t) -> `amplitude` as t -> infinity. */
export interface Tail {
  /** `constant`: k = 1; `t exp(-2 lambda t)`: k = 2; `exp(-k lambda t)`: k > 2. */
  form: 'constant' | 't exp(-2 lambda t)' | 'exp(-k lambda t)';
  /** The tail itself, with its first correction for k = 2 (where it is (t - delay) and not t). */
  at: (time: number) => number;
  /** Coefficient of the form. */
  amplitude: number;
}

/**
 * The tail of (3), for lambda > 0 and k = 1 or k >= 2 (between, the slow exponent is 2 (k - 1) lambda and needs neither).
 * It follows from exp((gamma_t - gamma_t') / c) -> exp(-gamma_t' / c) for t -> infinity at fixed t':
 * k = 2: gamma y (t - delay) exp(-2 lambda t); k > 2: (exp(-gamma / c) f_0 + gamma y integral_0^inf exp(-(k - 2) lambda t' - gamma_t' / c) dt') exp(-k lambda t).
 */
export function lateTail(mode: Mode): Tail {
  checkDynamics(mode);
  const { k, lambda, gamma, initial, target } = mode;
  if (lambda === 0) throw new RangeError('lambda must be > 0: without L2 the function stays at the labels');
  if (k === 1) {
    const amplitude = (gamma / (gamma + lambda)) * target;
    return { form: 'constant', amplitude, at: () => amplitude };
  }
  if (k < 2) throw new RangeError(`k must be 1 or at least 2, not ${k}`);
  const c = 2 * (k - 1) * lambda;
  const start = Math.exp(-gamma / c) * initial;
  // After `end`, gamma_t / c < 1e-16 and the integrands below are 0 or a pure exponential.
  const end = (Math.log(Math.max(gamma / c, 1)) + 37) / c;
  const remnant = (time: number): number => (gamma / c) * Math.exp(-c * time);
  if (k === 2) {
    const delay = -integrate((time) => Math.expm1(-remnant(time)), 0, end, 128);
    const amplitude = gamma * target;
    const at = (time: number): number => Math.exp(-2 * lambda * time) * (start + amplitude * (time - delay));
    return { form: 't exp(-2 lambda t)', amplitude, at };
  }
  const slow = (k - 2) * lambda;
  const integral =
    integrate((time) => Math.exp(-slow * time - remnant(time)), 0, end, 128) + Math.exp(-slow * end) / slow;
  const amplitude = start + gamma * target * integral;
  return { form: 'exp(-k lambda t)', amplitude, at: (time) => amplitude * Math.exp(-k * lambda * time) };
}
