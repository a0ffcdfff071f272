/** Two traces of one function, compared: what differs was decided in JavaScript and must not be baked into a graph. */
import { CompileError } from './errors.ts';
import type { Attribute, GraphNode } from './graph.ts';
import type { Trace } from './trace.ts';

const ADVICE = 'A value or branch computed in JavaScript changes from call to call: make it an input of the function';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function sameAttribute(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (a && b && 'tensor' in a && 'tensor' in b) {
    const [first, second] = [a.tensor, b.tensor];
    return (
      first.dtype === second.dtype && same(first.shape, second.shape) && Buffer.compare(first.bytes, second.bytes) === 0
    );
  }
  return same(a, b);
}

/** @throws CompileError unless node `i` is the same in both traces of function `name`; undefined is a node that is not there */
export function requireSameNode(name: string, i: number, a: GraphNode | undefined, b: GraphNode | undefined): void {
  const site = b?.site ?? a?.site;
  const where = site ? ` (at ${site})` : '';
  if (!a || !b || a.op !== b.op || !same(a.inputs, b.inputs)) {
    throw new CompileError(
      `tracing ${name} twice gave two different graphs: op ${i} was ${a?.op ?? 'absent'}, then ${b?.op ?? 'absent'}${where}. ${ADVICE}`,
    );
  }
  const keys = new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)]);
  if (![...keys].every((key) => sameAttribute(a.attributes[key], b.attributes[key]))) {
    throw new CompileError(`tracing ${name} twice gave different values to op ${i} (${a.op})${where}. ${ADVICE}`);
  }
}

/** @throws CompileError unless the two traces are the same graph */
export function requireSameTrace(name: string, first: Trace, second: Trace): void {
  for (let i = 0; i < Math.max(first.nodes.length, second.nodes.length); i++) {
    requireSameNode(name, i, first.nodes[i], second.nodes[i]);
  }
  if (!same(first.writes, second.writes) || !same(first.outputs, second.outputs)) {
    throw new CompileError(`tracing ${name} twice assigned other variables or returned other tensors. ${ADVICE}`);
  }
}
