/** Steps in bfloat16: operands of matrix products and convolutions, and of their gradients, are rounded to it; all else stays float32. */
import { readFileSync } from 'node:fs';
import { device } from './backend.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE, type GraphNode } from './graph.ts';

/**
 * `bfloat16`: products of bfloat16 operands, summed in float32 and rounded to bfloat16, as in PyTorch's autocast and Keras'
 * mixed_bfloat16. Weights, state, losses, and all other ops stay float32.
 */
export type Precision = 'float32' | 'bfloat16';

/** TensorFlow's number of bfloat16. */
const BFLOAT16 = 14;

/** The ops that are narrowed, with the inputs that are operands and not shapes. */
const OPERANDS: Readonly<Record<string, readonly number[]>> = {
  MatMul: [0, 1],
  BatchMatMul: [0, 1],
  BatchMatMulV2: [0, 1],
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
};

const cast = (name: string, input: string, from: number, to: number): GraphNode => ({
  name,
  op: 'Cast',
  inputs: [input],
  attributes: { SrcT: { type: from }, DstT: { type: to } },
});

const isFloat = ({ attributes }: GraphNode): boolean => {
  const type = attributes['T'];
  return type !== undefined && 'type' in type && type.type === DATA_TYPE.float32;
};

/** The nodes of a function with products and convolutions in bfloat16. A narrowed node's name is then its result's, in float32. */
export function narrowed(nodes: readonly GraphNode[], prefix: string): GraphNode[] {
  const casts = new Map<string, string>();
  return nodes.flatMap((node) => {
    const operands = OPERANDS[node.op];
    if (operands === undefined || !isFloat(node)) return [node];
    const made: GraphNode[] = [];
    const inputs = node.inputs.map((input, i) => {
      if (!operands.includes(i)) return input;
      const known = casts.get(input);
      if (known !== undefined) return known;
      const name = `${prefix}/bfloat16_${casts.size}`;
      casts.set(input, name);
      made.push(cast(name, input, DATA_TYPE.float32, BFLOAT16));
      return name;
    });
    const name = `${node.name}/bfloat16`;
    const attributes = { ...node.attributes, T: { type: BFLOAT16 } };
    return [...made, { ...node, name, inputs, attributes }, cast(node.name, name, BFLOAT16, DATA_TYPE.float32)];
  });
}

/** Instructions for bfloat16 products, as Linux names them. */
const INSTRUCTIONS = /\b(avx512_bf16|amx_bf16|avx_ne_convert)\b/;

/** Why this processor computes no products of bfloat16, or undefined where it does; a GPU is taken to. */
export function whyNoBfloat16(
  on: 'cpu' | 'gpu' = device,
  cpuinfo = () => readFileSync('/proc/cpuinfo', 'utf8'),
): string | undefined {
  if (on === 'gpu') return undefined;
  let text: string;
  try {
    text = cpuinfo();
  } catch {
    return undefined; // nothing is known: TensorFlow itself decides
  }
  if (INSTRUCTIONS.test(text)) return undefined;
  const model = /^model name\s*:\s*(.*)$/m.exec(text)?.[1] ?? 'it';
  return `this processor (${model}) has no instructions for products of bfloat16 (avx512_bf16 or amx_bf16)`;
}

/** @throws CompileError for a word that is no precision, and for bfloat16 where the processor has none */
export function requirePrecision(precision: Precision, whyNot: () => string | undefined = whyNoBfloat16): void {
  if (precision === 'float32') return;
  if (precision !== 'bfloat16') {
    throw new CompileError(`precision must be 'float32' or 'bfloat16', got ${JSON.stringify(precision)}`);
  }
  const why = whyNot();
  if (why) throw new CompileError(`precision 'bfloat16' would be slower than float32: ${why}. Leave it out`);
}
