/** Numbers as workbooks and verdicts write them. */

import type { Estimate } from './regress.ts';

/** A number to four significant digits, whole numbers whole; a dash where there is none. */
export function digits(value: number, significant = 4): string {
  if (!Number.isFinite(value)) return '–';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(significant)));
}

/** A number as 4.2e-8. */
export function scientific(value: number): string {
  return Number.isFinite(value) ? value.toExponential(1) : '–';
}

/** `0.352 [0.340, 0.365]`: a value and its interval; the value alone where a single run gives no interval. */
export function interval({ value, low, high }: Estimate, decimals = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (!Number.isFinite(low)) return value.toFixed(decimals);
  return `${value.toFixed(decimals)} [${low.toFixed(decimals)}, ${high.toFixed(decimals)}]`;
}
