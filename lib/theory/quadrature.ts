/** Composite Gauss-Legendre quadrature: the one rule behind every integral of this room. */

const POINTS = 20;

/** Nodes and weights of the 20-point Gauss-Legendre rule on [0, 1]: exact for polynomials up to degree 39. */
const rule = gaussLegendre(POINTS);

function gaussLegendre(points: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let index = 0; index < points; index += 1) {
    let x = Math.cos((Math.PI * (index + 0.75)) / (points + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 100; iteration += 1) {
      // P_n(x) and P_n'(x) by the three-term recursion, then one Newton step.
      let previous = 1;
      let value = x;
      for (let degree = 2; degree <= points; degree += 1) {
        [previous, value] = [value, ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree];
      }
      slope = (points * (x * value - previous)) / (x * x - 1);
      const shift = value / slope;
      x -= shift;
      if (Math.abs(shift) < 1e-16) break;
    }
    nodes.push((1 - x) / 2);
    weights.push(1 / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

/**
 * Integral of `integrand` over [from, to] by the 20-point Gauss-Legendre rule on `panels` equal panels: for an integrand that
 * is analytic on the scale of a panel, exact to rounding. Throws a RangeError unless the limits are finite.
 */
export function integrate(integrand: (x: number) => number, from: number, to: number, panels = 32): number {
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    throw new RangeError(`integration limits must be finite, not ${from} and ${to}`);
  }
  const width = (to - from) / panels;
  let sum = 0;
  for (let panel = 0; panel < panels; panel += 1) {
    const start = from + panel * width;
    for (let index = 0; index < POINTS; index += 1) {
      sum += (rule.weights[index] as number) * integrand(start + width * (rule.nodes[index] as number));
    }
  }
  return sum * width;
}
