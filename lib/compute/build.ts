/** The graph of a program: its resident state and data, and each traced function with the frame that repeats it. */
import { DATA_TYPE, type Attribute, type GraphNode } from './graph.ts';
import { whileFrame } from './loop.ts';
import { narrowed, type Precision } from './precision.ts';
import type { Trace } from './trace.ts';

/** A variable or data tensor of the session. */
export interface Resident {
  /** `v0`, `v1`, ... for variables, `d0`, ... for data. */
  key: string;
  /** Unique in the process. */
  sharedName: string;
  dtype: number;
  shape: number[];
}

/** A function as it enters the graph. */
export interface GraphFunction {
  prefix: string;
  inputs: { dtype: number; shape: number[] }[];
  counter: number | undefined;
  trace: Trace;
}

const node = (name: string, op: string, inputs: string[], attributes: Record<string, Attribute> = {}): GraphNode => ({
  name,
  op,
  inputs,
  attributes,
});

/** A node to fetch when only side effects are wanted. */
const doneAfter = (name: string, names: readonly string[]): GraphNode =>
  node(
    name,
    'Const',
    names.map((n) => `^${n}`),
    {
      dtype: { type: DATA_TYPE.int32 },
      value: { tensor: { dtype: DATA_TYPE.int32, shape: [], bytes: new Uint8Array(4) } },
    },
  );

/** Where a session takes a resident's value, says it has it, and gives it back. */
export const residentNames = (key: string) => ({ input: `${key}/in`, done: `${key}/done`, read: `${key}/read` });

/** The node through which a function reads a resident. */
export const readName = (prefix: string, key: string): string => `${prefix}/read_${key}`;

/** Names of a function's nodes. */
export const functionNames = (prefix: string, inputs: number, outputs: number) => ({
  inputs: Array.from({ length: inputs }, (_, i) => `${prefix}/in${i}`),
  outputs: Array.from({ length: outputs }, (_, i) => `${prefix}/out${i}`),
  done: `${prefix}/done`,
  count: `${prefix}/loop/count`,
  lastOutputs: Array.from({ length: outputs }, (_, i) => `${prefix}/loop/exit/result${i}`),
  loopDone: `${prefix}/loop/exit/step`,
});

/** What a frame does badly: JavaScript calls such a function step by step, to the same bits. */
const NOT_IN_FRAME = new Set([
  // TensorFlow moves it to oneDNN only where it has come to its MaxPool before, and it walks a frame's cycle in an order that differs
  // between processes: the last bits of the gradient would too.
  'MaxPoolGrad',
  // Steps with convolutions take a fifth longer in a frame (bench, WRN 16-1), and a call costs nothing beside them.
  'Conv2DBackpropFilter',
]);

/** Whether a while frame repeats the function. */
export const repeatsInFrame = ({ nodes }: Trace): boolean => !nodes.some(({ op }) => NOT_IN_FRAME.has(op));

/** Nodes of `residents` (variables first, then data) and of all functions. */
export function buildGraph(
  residents: readonly Resident[],
  functions: readonly GraphFunction[],
  precision: Precision = 'float32',
): GraphNode[] {
  const graph: GraphNode[] = [];
  for (const { key, sharedName, dtype: type, shape: size } of residents) {
    const dtype: Attribute = { type };
    const shape: Attribute = { shape: size };
    const { input, done, read } = residentNames(key);
    graph.push(
      node(key, 'VarHandleOp', [], { dtype, shape, shared_name: { string: sharedName } }),
      node(input, 'Placeholder', [], { dtype, shape }),
      // The fed tensor may share the memory of a JavaScript array that its owner goes on to change.
      node(`${key}/copy`, 'DeepCopy', [input], { T: dtype }),
      node(`${key}/init`, 'AssignVariableOp', [key, `${key}/copy`], { dtype }),
      node(read, 'ReadVariableOp', [key], { dtype }),
      doneAfter(done, [`${key}/init`]),
    );
  }
  for (const fn of functions) graph.push(...functionNodes(residents, fn, precision));
  return graph;
}

/** One traced function: its reads, nodes, writes and outputs, and the frame that repeats it. */
function functionNodes(
  residents: readonly Resident[],
  { prefix, inputs, counter, trace }: GraphFunction,
  precision: Precision,
): GraphNode[] {
  const graph: GraphNode[] = [];
  const used = new Set<string>();
  const plain = (name: string) => name.replace(/^\^|:\d+$/g, '');
  trace.nodes.forEach((n) => n.inputs.forEach((input) => used.add(plain(input))));
  trace.outputs.forEach((output) => used.add(plain(output.source)));
  trace.writes.forEach((write) => write && used.add(plain(write)));

  const invariants: { name: string; dtype: number }[] = [];
  inputs.forEach(({ dtype, shape }, i) => {
    graph.push(node(`${prefix}/in${i}`, 'Placeholder', [], { dtype: { type: dtype }, shape: { shape } }));
    invariants.push({ name: `${prefix}/in${i}`, dtype });
  });
  const body: GraphNode[] = [];
  const reads: string[] = [];
  residents.forEach(({ key, dtype }, i) => {
    const read = readName(prefix, key);
    if (!used.has(read) && trace.writes[i] === undefined) return;
    invariants.push({ name: key, dtype: DATA_TYPE.resource });
    if (!used.has(read)) return;
    body.push(node(read, 'ReadVariableOp', [key], { dtype: { type: dtype } }));
    reads.push(read);
  });
  body.push(...(precision === 'bfloat16' ? narrowed(trace.nodes, prefix) : trace.nodes));

  const values = trace.writes.filter((value) => value !== undefined);
  const writes: string[] = [];
  if (values.length > 0) {
    // Nothing is assigned before everything is computed: an op that fails leaves the state whole.
    const computed = new Set([...reads, ...values, ...trace.outputs.map(({ source }) => source)].map(plain));
    const own = new Set(body.map(({ name }) => name));
    const commit = `${prefix}/commit`;
    body.push(
      node(
        commit,
        'NoOp',
        [...computed].filter((name) => own.has(name)).map((name) => `^${name}`),
      ),
    );
    trace.writes.forEach((value, i) => {
      if (value === undefined) return;
      const { key, dtype } = residents[i] as Resident;
      const write = `${prefix}/write_${key}`;
      body.push(node(write, 'AssignVariableOp', [key, value, `^${commit}`], { dtype: { type: dtype } }));
      writes.push(write);
    });
  }
  graph.push(...body);

  trace.outputs.forEach(({ source, dtype }, i) =>
    graph.push(
      node(`${prefix}/out${i}`, 'Identity', [source, ...writes.map((write) => `^${write}`)], { T: { type: dtype } }),
    ),
  );
  graph.push(doneAfter(`${prefix}/done`, writes));
  if (writes.length > 0 && repeatsInFrame(trace)) {
    const counterName = counter === undefined ? undefined : `${prefix}/in${counter}`;
    const loop = { body, invariants, counter: counterName, outputs: trace.outputs, writes };
    graph.push(...whileFrame(`${prefix}/loop`, loop).nodes);
  }
  return graph;
}
