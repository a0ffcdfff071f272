/**
 * Many steps in one call: a TensorFlow while frame whose body is a clone of the traced step. Nothing crosses to
 * JavaScript between steps; the numbers equal those of single calls to the bit.
 */
import { DATA_TYPE, type Attribute, type GraphNode } from './graph.ts';

export interface LoopSource {
  /** Nodes of one step: the traced ones, its variable reads and writes. */
  body: readonly GraphNode[];
  /** Variable handles and fed inputs, by node name: they enter the frame unchanged. */
  invariants: readonly { name: string; dtype: number }[];
  /** Input that counts up by one a step (int32 scalar), by node name. */
  counter?: string | undefined;
  outputs: readonly { source: string; dtype: number; shape: readonly number[] }[];
  /** Names of the assignments in `body`: the next step waits for them. */
  writes: readonly string[];
}

const INT32 = DATA_TYPE.int32;
const typed = (dtype: number): Record<string, Attribute> => ({ T: { type: dtype } });

const BYTES: Record<number, number> = { [DATA_TYPE.float32]: 4, [DATA_TYPE.int32]: 4, [DATA_TYPE.bool]: 1 };
const constant = (name: string, dtype: number, shape: readonly number[], bytes: Uint8Array): GraphNode => ({
  name,
  op: 'Const',
  inputs: [],
  attributes: { dtype: { type: dtype }, value: { tensor: { dtype, shape: [...shape], bytes } } },
});

/**
 * Nodes that run the body `<prefix>/count` times (an int32 placeholder, at least 1).
 * @returns the nodes and the outputs of the last step, in order
 */
export function whileFrame(prefix: string, source: LoopSource): { nodes: GraphNode[]; outputs: string[] } {
  const nodes: GraphNode[] = [];
  const add = (name: string, op: string, inputs: string[], attributes: Record<string, Attribute>): string => {
    nodes.push({ name: `${prefix}/${name}`, op, inputs, attributes });
    return `${prefix}/${name}`;
  };
  const enter = (name: string, input: string, dtype: number, isConstant: boolean): string =>
    add(`enter/${name}`, 'Enter', [input], {
      ...typed(dtype),
      frame_name: { string: prefix },
      is_constant: { bool: isConstant },
      parallel_iterations: { int: 1 },
    });

  const count = add('count', 'Placeholder', [], { dtype: { type: INT32 }, shape: { shape: [] } });
  nodes.push(constant(`${prefix}/zero`, INT32, [], new Uint8Array(4)));
  nodes.push(constant(`${prefix}/one`, INT32, [], new Uint8Array(Int32Array.of(1).buffer)));

  // A loop variable's Merge takes its first value and, from a node added at the end, its next one.
  const variable = (name: string, initial: string, dtype: number) => {
    const merge = add(`merge/${name}`, 'Merge', [enter(name, initial, dtype, false), `${prefix}/next/${name}`], {
      ...typed(dtype),
      N: { int: 2 },
    });
    return { name, dtype, merge };
  };
  const step = variable('step', `${prefix}/zero`, INT32);
  const results = source.outputs.map(({ dtype, shape }, i) => {
    const size = shape.reduce((a, b) => a * b, 1) * (BYTES[dtype] ?? 4);
    nodes.push(constant(`${prefix}/start${i}`, dtype, shape, new Uint8Array(size)));
    return variable(`result${i}`, `${prefix}/start${i}`, dtype);
  });
  const less = add('less', 'Less', [step.merge, enter('count', count, INT32, true)], typed(INT32));
  const condition = add('condition', 'LoopCond', [less], {});
  const split = ({ name, dtype, merge }: { name: string; dtype: number; merge: string }) =>
    add(`switch/${name}`, 'Switch', [merge, condition], typed(dtype));
  const stepSwitch = split(step);
  const resultSwitches = results.map(split);
  // Alive only while the loop goes on: whatever has no loop variable among its inputs hangs on it by a control edge.
  const alive = add('alive', 'Identity', [`${stepSwitch}:1`], typed(INT32));

  const renamed = new Map<string, string>();
  for (const { name, dtype } of source.invariants) {
    const entered = enter(name, name, dtype, true);
    renamed.set(name, name === source.counter ? add('counter', 'AddV2', [entered, alive], typed(INT32)) : entered);
  }
  const bodyName = (name: string) => `${prefix}/body/${name}`;
  for (const node of source.body) renamed.set(node.name, bodyName(node.name));
  const rename = (input: string): string => {
    const [, control, name, output] = /^(\^?)([^:]+)(:\d+)?$/.exec(input) as unknown as [
      string,
      string,
      string,
      string?,
    ];
    const target = renamed.get(name);
    if (!target) throw new Error(`loop body reads ${input}, which does not enter the frame`);
    return `${control}${target}${output ?? ''}`;
  };
  const inBody = new Set(source.body.map((node) => node.name));
  for (const node of source.body) {
    const inputs = node.inputs.map(rename);
    const hangs = !node.inputs.some((input) => inBody.has(input.replace(/^\^|:\d+$/g, '')));
    nodes.push({ ...node, name: bodyName(node.name), inputs: hangs ? [...inputs, `^${alive}`] : inputs });
  }

  const afterWrites = source.writes.map((write) => `^${bodyName(write)}`);
  const one = enter('one', `${prefix}/one`, INT32, true);
  const advanced = add('advance', 'AddV2', [alive, one, ...afterWrites], typed(INT32));
  add('next/step', 'NextIteration', [advanced], typed(INT32));
  const outputs = source.outputs.map(({ source: output, dtype }, i) => {
    const value = add(`value${i}`, 'Identity', [rename(output)], typed(dtype));
    add(`next/result${i}`, 'NextIteration', [value], typed(dtype));
    return add(`exit/result${i}`, 'Exit', [resultSwitches[i] as string], typed(dtype));
  });
  const done = add('exit/step', 'Exit', [stepSwitch], typed(INT32));
  return { nodes, outputs: [...outputs, done] };
}
