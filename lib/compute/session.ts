/** A graph loaded into a TensorFlow session through the binding's own SavedModel calls. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as tfTypes from '@tensorflow/tfjs-node-gpu';
import { backend } from './backend.ts';
import { CompileError } from './errors.ts';
import { savedModelBytes, type GraphNode } from './graph.ts';

type Tensor = tfTypes.Tensor;

export class GraphSession {
  readonly #id: number;
  readonly #describe: (node: string) => string | undefined;

  /**
   * @param describe op and line of the step for a node, asked for where an error names it
   * @throws CompileError where TensorFlow refuses the graph, naming the op and the line of the step
   */
  constructor(nodes: readonly GraphNode[], describe: (node: string) => string | undefined) {
    this.#describe = describe;
    const folder = mkdtempSync(path.join(tmpdir(), 'l2-dynamics-graph-'));
    try {
      writeFileSync(path.join(folder, 'saved_model.pb'), savedModelBytes(nodes));
      this.#id = backend.binding.loadSavedModel(folder, 'serve,');
    } catch (error) {
      throw this.#located('TensorFlow cannot compile this function', error);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @throws CompileError where an op fails, naming it and the line of the step */
  run(inputs: Tensor[], inputNames: readonly string[], outputNames: readonly string[]): Tensor[] {
    if (outputNames.length === 0) return [];
    const ids = backend.getInputTensorIds(inputs);
    let results: object[];
    try {
      results = backend.binding.runSavedModel(this.#id, ids, inputNames.join(','), outputNames.join(','));
    } catch (error) {
      throw this.#located('a compiled function failed', error);
    }
    return results.map((metadata) => backend.createOutputTensor(metadata));
  }

  close(): void {
    backend.binding.deleteSavedModel(this.#id);
  }

  #located(what: string, error: unknown): CompileError {
    const message = error instanceof Error ? error.message : String(error);
    const name = /\{\{node ([^}]+)\}\}/.exec(message)?.[1] ?? '';
    const site = this.#describe(name.replace(/^.*\/loop\/body\//, ''));
    return new CompileError(`${what}${site ? ` at ${site}` : ''}: ${message}`, { cause: error });
  }
}
