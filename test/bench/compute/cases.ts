/** What every framework trains: networks, parameters and data by formula, so that all start from the same numbers. */
import { readFileSync } from 'node:fs';

export interface Case {
  title: string;
  kind: 'fc' | 'cnn';
  batch: number;
  /** Units of the three hidden layers. */
  width?: number;
  channels?: number;
  /** Size and stride of the two maximum pools. */
  pools?: [size: number, stride: number][];
}

export const CASES = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as Record<string, Case>;

export const ETA = 0.1;
export const LAMBDA = 0.001;

/** count numbers in [-1, 1) without order, the same in every language: the fraction of 43758.5453 sin(12.9898 i + salt). */
export function pseudo(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const value = 43758.5453 * Math.sin(12.9898 * i + salt);
    return 2 * (value - Math.floor(value)) - 1;
  });
}

/** Shapes of the parameters: a weight and a bias a layer. Convolutions as [height, width, in, out]. */
export function parameterShapes(spec: Case): number[][] {
  if (spec.kind === 'fc') {
    const sizes = [784, spec.width!, spec.width!, spec.width!, 10];
    return sizes.slice(1).flatMap((units, i) => [[sizes[i]!, units], [units]]);
  }
  const c = spec.channels!;
  const pooled = (size: number, i: number) => Math.floor((size - spec.pools![i]![0]) / spec.pools![i]![1]) + 1;
  const side = pooled(pooled(30, 0) - 2, 1);
  const convolutions = [3, c, c, c].flatMap((inputs) => [[3, 3, inputs, c], [c]]);
  return [...convolutions, [side * side * c, 500], [500], [500, 10], [10]];
}

export const inputShape = ({ kind, batch }: Case): number[] => (kind === 'fc' ? [batch, 784] : [batch, 32, 32, 3]);

/** Multiplications and additions of one step, forward and backward, of the matrix products and convolutions. */
export function flops(spec: Case): number {
  const shapes = parameterShapes(spec).filter((shape) => shape.length > 1);
  if (spec.kind === 'fc') {
    // The gradient with respect to the images is not needed.
    return shapes.reduce((sum, [inputs, units], i) => sum + (i === 0 ? 4 : 6) * spec.batch * inputs! * units!, 0);
  }
  const first = spec.pools![0]!;
  const pooled = Math.floor((30 - first[0]) / first[1]) + 1;
  const sides = [32, 30, pooled, pooled - 2];
  return shapes.reduce((sum, shape, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return sum + (i === 0 ? 4 : 6) * spec.batch * size * (shape.length === 4 ? sides[i]! ** 2 : 1);
  }, 0);
}
