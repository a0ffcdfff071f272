/** What a step may not do, since a graph would repeat what it gave once: reads, clocks, JavaScript's random numbers, shapes that depend on values. */
import { tf } from './backend.ts';
import { DRAWING_SCOPE } from './draws.ts';
import type { Patches } from './patches.ts';

const engine = tf.engine() as unknown as { state: { activeScope?: { name: string } | null } };

/** The tfjs op inside of which JavaScript is now, as `gather`, or undefined. */
export const activeOp = (): string | undefined => {
  const name = engine.state.activeScope?.name;
  return name?.endsWith('__op') ? name.slice(0, -'__op'.length) : undefined;
};

/** Ops whose numbers come from a hidden generator: the graph would neither repeat them nor vary them as the step did. */
export const UNSEEDED = /^(Random|TruncatedNormal|Multinomial|ParameterizedTruncatedNormal)/;

/** Ops whose output has as many values as their input's values say. */
const SHAPED_BY_VALUES =
  /^(Where|Unique|ListDiff|DynamicPartition|NonMaxSuppression|CombinedNonMaxSuppression|Sparse(FillEmptyRows|Add|Concat|Reshape|Slice|SparseM|Split|ToSparse)|SetDiff|SetIntersection|SetUnion|DenseToDenseSet|DenseToSparseSet|SparseToSparseSet|String(Split|NGrams)|Ragged|Unbatch|EditDistance|Decode)/;

/** Inputs that hold a shape, or numbers that a shape follows from: only constants of the step have one shape for ever. */
const SHAPE_INPUTS: Record<string, number[]> = {
  BroadcastTo: [1],
  Conv2DBackpropFilter: [1],
  Conv2DBackpropInput: [0],
  DenseBincount: [1],
  Bincount: [1],
  Fill: [0],
  LinSpace: [2],
  MirrorPad: [1],
  OneHot: [1],
  Pad: [1],
  PadV2: [1],
  Range: [0, 1, 2],
  Reshape: [1],
  ResizeBilinear: [1],
  ResizeNearestNeighbor: [1],
  ScatterNd: [2],
  Slice: [2],
  SparseToDense: [1],
  StatelessRandomNormal: [0],
  StatelessRandomUniform: [0],
  StatelessTruncatedNormal: [0],
  StridedSlice: [1, 2, 3],
  Tile: [1],
  TopKV2: [1],
};

/**
 * Why the shape of what an op gives is not known before it runs, or undefined where it is.
 * @param isConstant whether an input is a constant of the step
 */
export function openShape(
  op: string,
  attributes: readonly { name: string; value: unknown }[],
  inputs: number,
  isConstant: (i: number) => boolean,
): string | undefined {
  const isPadded = attributes.some(({ name, value }) => name === 'pad_to_max_output_size' && value === true);
  if (SHAPED_BY_VALUES.test(op) && !isPadded) {
    const advice = op.startsWith('NonMax')
      ? ' (tf.image.nonMaxSuppressionPadded with padToMaxOutputSize has one shape)'
      : '';
    return `${op} gives a shape that depends on values: the graph would keep the one of the first run${advice}`;
  }
  const open = (SHAPE_INPUTS[op] ?? []).find((i) => i < inputs && !isConstant(i));
  if (open === undefined) return undefined;
  return `${op} takes a shape (input ${open}) that the step computes: it must be a constant, since a graph is made for one shape`;
}

/**
 * While the patches last, JavaScript's clocks and random numbers are refused.
 * @param refuse throws, naming the line
 */
export function refuseClocks(patches: Patches, refuse: (message: string) => never): void {
  const frozen = (what: string, advice: string) => () => {
    const op = engine.state.activeScope?.name;
    if (op !== undefined && DRAWING_SCOPE.test(op)) {
      return refuse(
        `the step draws random numbers in JavaScript (tf.${op.replace('__op', '')}): every compiled step would reuse the same draw. ` +
          'Import lib/compute before tfjs, or call the function as tf.name: then it draws by counter',
      );
    }
    return refuse(`the step calls ${what}: every compiled step would see the value of this moment. ${advice}`);
  };
  const RANDOM = 'Use tf.randomUniform or another random function of tfjs, or make it an input';
  const TIME = 'Make it an input, or take the time outside';
  patches.replace(Math, 'random', frozen('Math.random()', RANDOM));
  patches.replace(crypto, 'getRandomValues', frozen('crypto.getRandomValues()', RANDOM));
  patches.replace(crypto, 'randomUUID', frozen('crypto.randomUUID()', RANDOM));
  patches.replace(performance, 'now', frozen('performance.now()', TIME));
  const hrtime = Object.assign(frozen('process.hrtime()', TIME), { bigint: frozen('process.hrtime.bigint()', TIME) });
  patches.replace(process, 'hrtime', hrtime);
  patches.replace(process, 'uptime', frozen('process.uptime()', TIME));
  const now = frozen('Date', TIME);
  patches.replace(
    globalThis,
    'Date',
    new Proxy(Date, {
      construct: (target, args: unknown[]) => (args.length === 0 ? now() : (Reflect.construct(target, args) as Date)),
      apply: () => now(),
      get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
    }),
  );
}
