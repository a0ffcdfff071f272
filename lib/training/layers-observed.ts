/** What a run with `observe: 'layers'` logs of each parameter at a measured step: its squared norm, and the angle its next update turns it by. */

type Arrays = readonly Float32Array[];

/** Squared norms before an update, and angles in radians between before and after; by parameter, in the model's order. 0 for a parameter that is 0. */
export function layerValues(before: Arrays, after: Arrays): { squaredNorms: number[]; angles: number[] } {
  const pairs = before.map((old, i) => [old, after[i]!] as const);
  return {
    squaredNorms: before.map((old) => product(old, old)),
    angles: pairs.map(([old, now]) => angle(old, now)),
  };
}

function angle(a: Float32Array, b: Float32Array): number {
  const norms = Math.sqrt(product(a, a) * product(b, b));
  if (norms === 0) return 0;
  // From the difference of the unit vectors: the cosine of a small angle keeps half of its digits only.
  const [ofA, ofB] = [Math.sqrt(product(a, a)), Math.sqrt(product(b, b))];
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! / ofA - b[i]! / ofB) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(squares) / 2));
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
