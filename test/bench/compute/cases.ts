/** What every framework trains: networks, parameters and data by formula, so that all start from the same numbers. */
import { readFileSync } from 'node:fs';

export interface Case {
  title: string;
  kind: 'fc' | 'cnn' | 'wrn';
  batch: number;
  /** Learning rate, default 0.1: losses must stay finite. */
  eta?: number;
  /** Units of the three hidden layers. */
  width?: number;
  channels?: number;
  /** Size and stride of the two maximum pools. */
  pools?: [size: number, stride: number][];
  /** n and k of WRN n-k. */
  depth?: number;
  widen?: number;
  /** A step takes seconds, the network gigabytes: contestants run one after the other, with fewer steps. */
  heavy?: boolean;
}

export const CASES = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as Record<string, Case>;

export const etaOf = ({ eta = 0.1 }: Case): number => eta;
export const LAMBDA = 0.001;

/** count numbers in [-1, 1) without order, the same in every language: the fraction of 43758.5453 sin(12.9898 i + salt). */
export function pseudo(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const value = 43758.5453 * Math.sin(12.9898 * i + salt);
    return 2 * (value - Math.floor(value)) - 1;
  });
}

export interface Parameter {
  /** Convolutions as [height, width, in, out]. */
  shape: number[];
  /** `weights` by formula, biases and offsets 0, scales of batch norm 1. */
  initial: 'weights' | 0 | 1;
  /** Side of the image that a convolution makes. */
  side?: number;
}

const dense = (inputs: number, units: number): Parameter[] => [
  { shape: [inputs, units], initial: 'weights' },
  { shape: [units], initial: 0 },
];
const convolution = (inputs: number, filters: number, side: number): Parameter[] => [
  { shape: [3, 3, inputs, filters], initial: 'weights', side },
  { shape: [filters], initial: 0 },
];
const norm = (channels: number): Parameter[] => [
  { shape: [channels], initial: 1 },
  { shape: [channels], initial: 0 },
];

/** A block of a WRN: widths, and the stride of its first convolution and of its shortcut. */
export interface Block {
  inputs: number;
  filters: number;
  stride: number;
  /** The first block of a group has a convolution as its shortcut. */
  first: boolean;
}

export const blocksOf = ({ depth, widen }: Case): Block[] =>
  [16, 32, 64].flatMap((base, group) =>
    Array.from({ length: (depth! - 4) / 6 }, (_, block) => ({
      inputs: block > 0 ? base * widen! : group === 0 ? 16 : (base / 2) * widen!,
      filters: base * widen!,
      stride: block === 0 && group > 0 ? 2 : 1,
      first: block === 0,
    })),
  );

/** In the order in which the network uses them; a shortcut's come after its block's. */
export function parametersOf(spec: Case): Parameter[] {
  if (spec.kind === 'fc') {
    const sizes = [784, spec.width!, spec.width!, spec.width!, 10];
    return sizes.slice(1).flatMap((units, i) => dense(sizes[i]!, units));
  }
  if (spec.kind === 'wrn') {
    let side = 32;
    const blocks = blocksOf(spec).flatMap(({ inputs, filters, stride, first }) => {
      side /= stride;
      return [
        ...norm(inputs),
        ...convolution(inputs, filters, side),
        ...norm(filters),
        ...convolution(filters, filters, side),
        ...(first ? convolution(inputs, filters, side) : []),
      ];
    });
    const last = 64 * spec.widen!;
    return [...convolution(3, 16, 32), ...blocks, ...norm(last), ...dense(last, 10)];
  }
  const c = spec.channels!;
  const pooled = (size: number, i: number) => Math.floor((size - spec.pools![i]![0]) / spec.pools![i]![1]) + 1;
  const middle = pooled(30, 0);
  const side = pooled(middle - 2, 1);
  const sides = [32, 30, middle, middle - 2];
  const convolutions = sides.flatMap((size, i) => convolution(i === 0 ? 3 : c, c, size));
  return [...convolutions, ...dense(side * side * c, 500), ...dense(500, 10)];
}

export const inputShape = ({ kind, batch }: Case): number[] => (kind === 'fc' ? [batch, 784] : [batch, 32, 32, 3]);

/** Multiplications and additions of one step, forward and backward, of the matrix products and convolutions. */
export function flops(spec: Case): number {
  // The gradient with respect to the images is not needed.
  return parametersOf(spec)
    .filter(({ initial }) => initial === 'weights')
    .reduce((sum, { shape, side = 1 }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return sum + (i === 0 ? 4 : 6) * spec.batch * size * side ** 2;
    }, 0);
}
