/**
 * `compile`: functions of one training program (step, evaluation, ...) as one TensorFlow graph over resident state.
 * Each function is an ordinary tfjs function; it is run eagerly twice while it is traced, then only as a graph.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend, tf } from './backend.ts';
import { CompileError } from './errors.ts';
import { DATA_TYPE, savedModelBytes, type Attribute, type GraphNode } from './graph.ts';
import { whileFrame } from './loop.ts';
import { replaceByStandIn } from './stale.ts';
import { requireSameTrace, trace } from './trace.ts';

type Tensor = tfTypes.Tensor;
type DType = 'float32' | 'int32' | 'bool';

/** Shape and dtype of an input that changes from call to call. */
export interface InputSpec {
  shape: number[];
  dtype: DType;
}

export const scalarInput: InputSpec = { shape: [], dtype: 'float32' };
export const counterInput: InputSpec = { shape: [], dtype: 'int32' };

export interface CompiledFunction {
  /** One entry an argument of `run`, in order. */
  inputs?: InputSpec[];
  /** Index of an int32 scalar input that counts up by one a step in `repeat`; single calls take it as given. */
  counter?: number;
  /** Reads variables and data from its closure, may assign variables, returns tensors. No reads to JavaScript inside. */
  run(...inputs: Tensor[]): Tensor[];
}

export interface ProgramSource<Name extends string> {
  /** State that functions may assign. It moves into the program; `program.sync()` brings the values back. */
  variables: tfTypes.Variable[];
  /** Tensors that never change (images, labels): uploaded once, not copied into the graph. */
  data?: Tensor[];
  functions: Record<Name, CompiledFunction>;
}

/** Compiled functions over one resident state. */
export interface Program<Name extends string = string> {
  /** Runs a function once. The caller disposes the returned tensors. */
  call(name: Name, ...inputs: Tensor[]): Tensor[];
  /** Runs a function `count` times without coming back to JavaScript; returns the last call's tensors. */
  repeat(name: Name, count: number, ...inputs: Tensor[]): Tensor[];
  /** Values of all variables, in order, as new typed arrays. */
  read(): (Float32Array | Int32Array | Uint8Array)[];
  /** Replaces the values of all variables, e.g. by those of a checkpoint. */
  write(values: readonly (Float32Array | Int32Array | Uint8Array)[]): void;
  /** Brings the current values back into the tf.Variables, which are stale (and throw) after compiled steps. */
  sync(): void;
  /** Ops in the graph. */
  readonly nodes: number;
  /** Frees the session's state; the variables keep their current values. */
  dispose(): void;
}

/** TensorFlow's data type of a variable or data tensor: tfjs's own dtype does not know uint8. */
const typeOf = (tensor: Tensor): number => {
  if (tensor.isDisposed)
    throw new CompileError(`a tensor of shape [${tensor.shape.join(', ')}] given to compile is disposed`);
  const { dtype } = backend.tensorMap.get(tensor.dataId);
  if (!(Object.values(DATA_TYPE) as number[]).includes(dtype)) {
    throw new CompileError(`compile knows float32, int32, bool and uint8, not ${tensor.dtype}`);
  }
  return dtype;
};
const node = (name: string, op: string, inputs: string[], attributes: Record<string, Attribute>): GraphNode => ({
  name,
  op,
  inputs,
  attributes,
});
const describe = (shape: readonly number[], dtype: string) => `${dtype} [${shape.join(', ')}]`;

let programs = 0;

/**
 * Compiles `functions` into one graph over `variables` and `data`.
 * @throws CompileError where a function reads a tensor inside, draws unseeded numbers, captures a large tensor, or
 *   builds another graph the second time
 */
export function compile<Name extends string>(source: ProgramSource<Name>): Program<Name> {
  const { variables, data = [] } = source;
  const functions = Object.entries(source.functions) as [Name, CompiledFunction][];
  const id = programs++;
  const graph: GraphNode[] = [];

  // State and data are resource variables of the session; `shared_name` keeps two programs apart.
  const resident = [...variables, ...data];
  resident.forEach((tensor, i) => {
    const dtype: Attribute = { type: typeOf(tensor) };
    const shape: Attribute = { shape: tensor.shape };
    graph.push(node(`handle${i}`, 'VarHandleOp', [], { dtype, shape, shared_name: { string: `p${id}v${i}` } }));
    graph.push(node(`init_in${i}`, 'Placeholder', [], { dtype, shape }));
    graph.push(node(`init${i}`, 'AssignVariableOp', [`handle${i}`, `init_in${i}`], { dtype }));
    graph.push(node(`read${i}`, 'ReadVariableOp', [`handle${i}`], { dtype }));
  });
  const doneAfter = (name: string, names: string[]) =>
    graph.push(
      node(
        name,
        'Const',
        names.map((n) => `^${n}`),
        {
          dtype: { type: DATA_TYPE.int32 },
          value: { tensor: { dtype: DATA_TYPE.int32, shape: [], bytes: new Uint8Array(4) } },
        },
      ),
    );
  resident.forEach((_, i) => doneAfter(`init_done${i}`, [`init${i}`]));

  const traced = new Map<Name, { spec: InputSpec[]; outputs: string[]; loop: string[]; prefix: string }>();
  const original = variables.map((variable) => variable.clone());
  const restore = () =>
    tf.tidy(() => variables.forEach((variable, i) => variable.assign((original[i] as Tensor).clone())));
  try {
    functions.forEach(([name, fn], f) => {
      const spec = fn.inputs ?? [];
      const prefix = `f${f}`;
      const examples = spec.map(({ shape, dtype }) => tf.zeros(shape, dtype));
      const once = () => {
        const sources = new Map<Tensor, string>();
        resident.forEach((tensor, i) => sources.set(tensor, `${prefix}/read${i}`));
        examples.forEach((tensor, i) => sources.set(tensor, `${prefix}/in${i}`));
        try {
          return trace(prefix, () => fn.run(...examples), sources, variables);
        } finally {
          restore();
        }
      };
      const first = once();
      requireSameTrace(name, first, once());
      tf.dispose(examples);
      addFunction(graph, prefix, resident, spec, first, fn.counter);
      const outputs = first.outputs.map((_, i) => `${prefix}/out${i}`);
      traced.set(name, { spec, prefix, outputs, loop: first.outputs.map((_, i) => `${prefix}/loop/exit/result${i}`) });
    });
  } finally {
    tf.dispose(original);
  }

  const folder = mkdtempSync(path.join(tmpdir(), 'l2-dynamics-graph-'));
  let session: number;
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), savedModelBytes(graph));
    session = backend.binding.loadSavedModel(folder, 'serve,');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  let disposed = false;
  const run = (inputs: Tensor[], inputNames: string[], outputNames: string[]): Tensor[] => {
    if (disposed) throw new CompileError('this program was disposed');
    return backend.binding
      .runSavedModel(session, backend.getInputTensorIds(inputs), inputNames.join(','), outputNames.join(','))
      .map((metadata) => backend.createOutputTensor(metadata));
  };
  /** All in one call: TensorFlow prepares the graph anew for every other set of feeds and fetches. */
  const upload = (tensors: readonly Tensor[], indices: readonly number[]): void => {
    if (indices.length === 0) return;
    tf.dispose(
      run(
        [...tensors],
        indices.map((i) => `init_in${i}`),
        indices.map((i) => `init_done${i}`),
      ),
    );
  };

  upload(
    resident,
    resident.map((_, i) => i),
  );
  let known = variables.map((variable) => variable.dataId);
  let stale = false;
  const markStale = () => {
    if (stale) return;
    variables.forEach(replaceByStandIn);
    known = variables.map((variable) => variable.dataId);
    stale = true;
  };
  /** A variable assigned from outside since the last call carries its new value into the session. */
  const takeAssignments = () =>
    variables.forEach((variable, i) => {
      if (variable.dataId === known[i]) return;
      upload([variable], [i]);
      if (stale) replaceByStandIn(variable);
      known[i] = variable.dataId;
    });

  const invoke = (name: Name, inputs: Tensor[], extra: Tensor[], extraNames: string[], loop: boolean): Tensor[] => {
    const fn = traced.get(name);
    if (!fn) throw new CompileError(`no function ${name}; compiled are ${[...traced.keys()].join(', ')}`);
    if (inputs.length !== fn.spec.length) {
      throw new CompileError(`${name} takes ${fn.spec.length} inputs, got ${inputs.length}`);
    }
    inputs.forEach((input, i) => {
      const { shape, dtype } = fn.spec[i] as InputSpec;
      if (input.isDisposed) throw new CompileError(`input ${i} of ${name} is disposed`);
      if (input.dtype !== dtype || String(input.shape) !== String(shape)) {
        throw new CompileError(
          `input ${i} of ${name} is ${describe(input.shape, input.dtype)}, compiled for ${describe(shape, dtype)}`,
        );
      }
    });
    takeAssignments();
    const names = fn.spec.map((_, i) => `${fn.prefix}/in${i}`);
    const done = loop ? `${fn.prefix}/loop/exit/step` : `${fn.prefix}/done`;
    const results = run([...inputs, ...extra], [...names, ...extraNames], [...(loop ? fn.loop : fn.outputs), done]);
    markStale();
    results.pop()?.dispose();
    return results;
  };

  const read = () => {
    takeAssignments();
    if (variables.length === 0) return [];
    const tensors = run(
      [],
      [],
      variables.map((_, i) => `read${i}`),
    );
    const values = tensors.map((tensor) => backend.readSync(tensor.dataId));
    tf.dispose(tensors);
    return values;
  };
  const sync = () => {
    takeAssignments();
    if (!stale || variables.length === 0) return;
    const tensors = run(
      [],
      [],
      variables.map((_, i) => `read${i}`),
    );
    variables.forEach((variable, i) => variable.assign(tensors[i] as Tensor));
    tf.dispose(tensors);
    known = variables.map((variable) => variable.dataId);
    stale = false;
  };

  return {
    nodes: graph.length,
    call: (name, ...inputs) => invoke(name, inputs, [], [], false),
    repeat(name, count, ...inputs) {
      if (!Number.isInteger(count) || count < 1)
        throw new CompileError(`repeat needs a count of at least 1, got ${count}`);
      const times = tf.scalar(count, 'int32');
      try {
        return invoke(name, inputs, [times], [`${traced.get(name)?.prefix}/loop/count`], true);
      } finally {
        times.dispose();
      }
    },
    read,
    write(values) {
      if (values.length !== variables.length) {
        throw new CompileError(`the program has ${variables.length} variables, got ${values.length} arrays`);
      }
      variables.forEach((variable, i) => {
        const array = values[i] as Float32Array;
        if (array.length !== variable.size) {
          throw new CompileError(`variable ${i} has ${variable.size} values, got ${array.length}`);
        }
      });
      takeAssignments();
      const tensors = variables.map(({ shape, dtype }, i) => tf.tensor(values[i] as Float32Array, shape, dtype));
      upload(
        tensors,
        tensors.map((_, i) => i),
      );
      tf.dispose(tensors);
      markStale();
    },
    sync,
    dispose() {
      if (disposed) return;
      sync();
      disposed = true;
      backend.binding.deleteSavedModel(session);
    },
  };
}

/** Adds one traced function: its reads, nodes, writes and outputs, and the frame that repeats it. */
function addFunction(
  graph: GraphNode[],
  prefix: string,
  resident: readonly Tensor[],
  spec: readonly InputSpec[],
  traced: ReturnType<typeof trace>,
  counter: number | undefined,
): void {
  const used = new Set<string>();
  const mention = (name: string) => used.add(name.replace(/^\^|:\d+$/g, ''));
  traced.nodes.forEach((n) => n.inputs.forEach(mention));
  traced.outputs.forEach((output) => mention(output.source));
  traced.writes.forEach((write) => write && mention(write));

  const invariants: { name: string; dtype: number }[] = [];
  spec.forEach(({ shape, dtype }, i) => {
    const type: Attribute = { type: DATA_TYPE[dtype] };
    graph.push(node(`${prefix}/in${i}`, 'Placeholder', [], { dtype: type, shape: { shape } }));
    invariants.push({ name: `${prefix}/in${i}`, dtype: DATA_TYPE[dtype] });
  });
  const body: GraphNode[] = [];
  const reads: string[] = [];
  resident.forEach((tensor, i) => {
    const isWritten = traced.writes[i] !== undefined;
    if (!isWritten && !used.has(`${prefix}/read${i}`)) return;
    invariants.push({ name: `handle${i}`, dtype: DATA_TYPE.resource });
    if (!used.has(`${prefix}/read${i}`)) return;
    body.push(node(`${prefix}/read${i}`, 'ReadVariableOp', [`handle${i}`], { dtype: { type: typeOf(tensor) } }));
    reads.push(`${prefix}/read${i}`);
  });
  body.push(...traced.nodes);
  const writes: string[] = [];
  traced.writes.forEach((value, i) => {
    if (value === undefined) return;
    const barrier = reads.map((read) => `^${read}`); // every read happens before any write
    const dtype: Attribute = { type: typeOf(resident[i] as Tensor) };
    body.push(node(`${prefix}/write${i}`, 'AssignVariableOp', [`handle${i}`, value, ...barrier], { dtype }));
    writes.push(`${prefix}/write${i}`);
  });
  graph.push(...body);

  const after = writes.map((write) => `^${write}`);
  traced.outputs.forEach(({ source, dtype }, i) =>
    graph.push(node(`${prefix}/out${i}`, 'Identity', [source, ...after], { T: { type: dtype } })),
  );
  graph.push(
    node(`${prefix}/done`, 'Const', after, {
      dtype: { type: DATA_TYPE.int32 },
      value: { tensor: { dtype: DATA_TYPE.int32, shape: [], bytes: new Uint8Array(4) } },
    }),
  );
  const counterName = counter === undefined ? undefined : `${prefix}/in${counter}`;
  if (writes.length > 0) {
    const loop = whileFrame(`${prefix}/loop`, {
      body,
      invariants,
      counter: counterName,
      outputs: traced.outputs,
      writes,
    });
    graph.push(...loop.nodes);
  }
}
