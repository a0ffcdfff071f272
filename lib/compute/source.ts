/** What `compile` takes and gives. */
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import type { Precision } from './precision.ts';

type Tensor = tfTypes.Tensor;

/** `uint8` is what `uint8Tensor` makes. */
export type InputType = 'float32' | 'int32' | 'bool' | 'uint8';

/** Values of a variable, as they are read and written. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** Shape and dtype of an input that changes from call to call. */
export interface InputSpec {
  shape: number[];
  dtype: InputType;
}

export const scalarInput: InputSpec = { shape: [], dtype: 'float32' };
export const counterInput: InputSpec = { shape: [], dtype: 'int32' };

export interface CompiledFunction {
  /** One entry an argument of `run`, in order. */
  inputs?: InputSpec[];
  /** Index of an int32 scalar input that counts up by one a step in `repeat`; single calls take it as given. */
  counter?: number;
  /** Compiled by `specialize` alone, for the inputs given there; the graph is built at the next call. */
  deferred?: boolean;
  /** Objects that `run` depends on without naming them: they are watched for changes as those are that it names. */
  watched?: readonly object[];
  /**
   * Reads variables and data from its closure, may assign variables, returns tensors. No reads to JavaScript inside. It is
   * called a few times while compiling (variables get their values back), and then only by `verify`.
   */
  run(...inputs: Tensor[]): Tensor[];
}

export interface ProgramSource<Name extends string> {
  /**
   * State that functions may assign. It moves into the program; `program.sync()` brings the values back. Variables that
   * functions use without being listed (slots of an optimizer, weights of a model) are found and follow in
   * `program.variables`.
   */
  variables: tfTypes.Variable[];
  /** Tensors that never change (images, labels): copied into the session once, not into the graph. May be disposed after. */
  data?: Tensor[];
  functions: Record<Name, CompiledFunction>;
  /**
   * Of the random functions and layers of tfjs inside the functions (`tf.dropout`, `tf.randomNormal`, dropout and noise layers): the same
   * seed gives the same numbers at each step of a run, another one others. An integer of 32 bits. Default 0.
   */
  seed?: number;
  /**
   * Of matrix products, convolutions and their gradients. Default float32. With bfloat16 a step is no longer equal to the eager one to
   * rounding: 8 bits of a product's operands and result count.
   */
  precision?: Precision;
  /** Compare the functions with what was compiled from time to time, for up to 2 % of the time. Default true. */
  verify?: boolean;
}

/** Where `steps` stands. */
export interface StepsProgress {
  /** Steps done so far. */
  done: number;
  /** What the last step returned; the receiver disposes it. */
  outputs: Tensor[];
}

export interface StepsOptions {
  /** Longest stretch of steps in one blocking call, in ms. Default 100. */
  sliceMs?: number;
  /** Ends the steps between two stretches. */
  signal?: AbortSignal;
}

/** Compiled functions over one resident state. */
export interface Program<Name extends string = string> {
  /**
   * Runs a function once. The caller disposes the returned tensors.
   * @throws CompileError for wrong inputs, a disposed program, or an op that failed; nothing is assigned then
   */
  call(name: Name, ...inputs: Tensor[]): Tensor[];
  /**
   * Runs a function `count` times without coming back to JavaScript; returns the last call's tensors.
   * @throws CompileError as `call`; steps before one that failed are done
   */
  repeat(name: Name, count: number, ...inputs: Tensor[]): Tensor[];
  /** `repeat` in stretches of about `sliceMs`, with the event loop in between. A counter input goes on counting. */
  steps(
    name: Name,
    count: number,
    inputs?: Tensor[],
    options?: StepsOptions,
  ): AsyncGenerator<StepsProgress, void, void>;
  /** Compiles a function for a second signature. The state carries over; afterwards calls choose by their inputs' shapes. */
  specialize(name: Name, inputs: InputSpec[]): void;
  /**
   * Traces every function again and compares: a number or branch from JavaScript that has changed since is an error.
   * @throws CompileError naming the op and the line; also when the data was disposed
   */
  verify(): void;
  /** The state: the variables given, then those found. */
  readonly variables: readonly tfTypes.Variable[];
  /** Values of all variables, in order, as new typed arrays. */
  read(): Values[];
  /** Replaces the values of all variables, e.g. by those of a checkpoint. The arrays are copied. */
  write(values: readonly Values[]): void;
  /** Brings the current values back into the tf.Variables, which are stale (and throw) after compiled steps. */
  sync(): void;
  /** Ops in the graph. */
  readonly nodes: number;
  /** Frees the session's state; the variables keep their current values. */
  dispose(): void;
}
