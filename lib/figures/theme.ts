/** One look for every chart: the font that the static pictures carry, quiet axes, colours safe for the colour-blind. */

import type { Config } from 'vega-lite';

export const FONT = "Inter, 'Helvetica Neue', Arial, sans-serif";

const INK = '#24292f';
const QUIET = '#6e7781';

export const theme: Config = {
  background: '#ffffff',
  font: FONT,
  padding: 12,
  view: { stroke: null },
  title: {
    anchor: 'start',
    color: INK,
    fontSize: 13,
    fontWeight: 600,
    subtitleColor: QUIET,
    subtitleFontSize: 11,
    subtitlePadding: 4,
    offset: 10,
  },
  axis: {
    domainColor: '#afb8c1',
    tickColor: '#afb8c1',
    gridColor: '#eaeef2',
    labelColor: QUIET,
    labelFontSize: 11,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 500,
    titlePadding: 8,
    tickSize: 4,
  },
  legend: {
    labelColor: INK,
    labelFontSize: 11,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 600,
    symbolSize: 60,
    rowPadding: 1,
  },
  line: { strokeWidth: 1.6 },
  header: { labelColor: INK, titleColor: INK },
};

/** `count` colours from dark violet to yellow-green: viridis without its palest end, which does not show on white. */
export function sequence(count: number): string[] {
  return Array.from({ length: count }, (_, i) => viridis(count === 1 ? 0.45 : (0.83 * i) / (count - 1)));
}

/** Two colours of equal weight (Okabe and Ito), for pairs such as "paper" and "measured". */
export const PAIR = ['#0072b2', '#d55e00'] as const;

/** Guides, fits and other things that are not data. */
export const GUIDE = '#8c959f';

// Nine stops of matplotlib's viridis (CC0), linear in between.
const STOPS = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'];

function viridis(position: number): string {
  const at = position * (STOPS.length - 1);
  const below = Math.min(STOPS.length - 2, Math.floor(at));
  const channel = (stop: number, i: number) => Number.parseInt(STOPS[stop]!.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) =>
    Math.round(channel(below, i) + (at - below) * (channel(below + 1, i) - channel(below, i))),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const SUPERSCRIPT: Record<string, string> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

/** How far beyond its values, as a factor, an axis may reach. */
const NEAR = 1.5;

/** Few digits: what a screen shows, and a notebook can carry. */
export const short = (value: number, digits = 4): number => Number(value.toPrecision(digits));

/** A power of ten as 10⁻³; small ones in full. */
export function powerOfTen(exponent: number): string {
  return `10${Array.from(String(exponent), (c) => SUPERSCRIPT[c]).join('')}`;
}

/** Ticks of an axis that holds fewer than two powers of ten: 1, 2, 5 and their tenfolds, or all digits where these are fewer than three. */
export function ticksBetweenPowers(low: number, high: number): number[] | undefined {
  if (Math.floor(Math.log10(high)) - Math.ceil(Math.log10(low)) >= 1) return undefined;
  const inside = (digits: readonly number[]) =>
    [-1, 0, 1, 2]
      .flatMap((shift) => digits.map((digit) => Number(`${digit}e${Math.floor(Math.log10(low)) + shift}`)))
      .filter((value) => value >= low && value <= high);
  const few = inside([1, 2, 5]);
  return few.length < 3 ? inside([1, 2, 3, 4, 5, 6, 7, 8, 9]) : few;
}

/** A logarithmic axis with ticks at every `stride`-th power of ten that the values span, labelled 10⁻³, or between few of them; a `zero` position is labelled 0. */
export function logAxis(
  title: string,
  values: readonly number[],
  { stride = 1, zero }: { stride?: number; zero?: number } = {},
) {
  const finite = values.filter((value) => value > 0 && value !== zero && Number.isFinite(value));
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const between = zero === undefined && finite.length > 0 ? ticksBetweenPowers(least / NEAR, most * NEAR) : undefined;
  if (between) return { title, values: between, format: '~g', labelOverlap: false };
  const low = Math.floor(Math.log10(least) + 1e-9);
  const high = Math.ceil(Math.log10(most) - 1e-9);
  const exponents: number[] = [];
  for (let exponent = low; exponent <= high; exponent++) if (exponent % stride === 0) exponents.push(exponent);
  const labels = Object.fromEntries(exponents.map((exponent) => [String(exponent), powerOfTen(exponent)]));
  const power = `${JSON.stringify(labels)}[round(log(datum.value) / LN10)]`;
  return {
    title,
    values: [...(zero === undefined ? [] : [zero]), ...exponents.map((exponent) => Number(`1e${exponent}`))],
    labelExpr: zero === undefined ? power : `datum.value < ${zero * 1.01} ? '0' : ${power}`,
    labelOverlap: false,
  };
}
