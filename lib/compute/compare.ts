/** Two traces of one function, compared: what differs was decided in JavaScript and must not be baked into a graph. */
import { ChangedError } from './errors.ts';
import type { Attribute, GraphNode } from './graph.ts';
import { callSite } from './site.ts';
import type { Trace } from './trace.ts';

const ADVICE = 'A value or branch computed in JavaScript changes from call to call: make it an input of the function';

/** Equal to the bit, for numbers as for what holds them: NaN is NaN, 0 is not -0. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function sameInputs(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameAttributes(a: Record<string, Attribute>, b: Record<string, Attribute>): boolean {
  let count = 0;
  for (const key in a) {
    if (!same(a[key], b[key])) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/**
 * @param b what is computed now, just then: its line is that of the error
 * @throws CompileError unless node `i` is the same in both traces of function `name`; undefined is a node that is not there
 */
export function requireSameNode(name: string, i: number, a: GraphNode | undefined, b: GraphNode | undefined): void {
  const where = (): string => {
    const site = b && callSite();
    return site ? ` (at ${site})` : '';
  };
  if (!a || !b || a.op !== b.op || !sameInputs(a.inputs, b.inputs)) {
    throw new ChangedError(
      `tracing ${name} twice gave two different graphs: op ${i} was ${a?.op ?? 'absent'}, then ${b?.op ?? 'absent'}${where()}. ${ADVICE}`,
    );
  }
  if (!sameAttributes(a.attributes, b.attributes)) {
    throw new ChangedError(`tracing ${name} twice gave different values to op ${i} (${a.op})${where()}. ${ADVICE}`);
  }
}

/** Variables that joined the program since are not written by what was traced before. */
function sameWrites(a: Trace['writes'], b: Trace['writes']): boolean {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return false;
  return true;
}

/** @throws CompileError unless the two traces are the same graph; the nodes that both have were compared as they came */
export function requireSameTrace(name: string, first: Trace, second: Trace): void {
  if (first.nodes.length > second.nodes.length) {
    const at = second.nodes.length;
    requireSameNode(name, at, first.nodes[at], undefined);
  }
  if (!sameWrites(first.writes, second.writes) || !same(first.outputs, second.outputs)) {
    throw new ChangedError(`tracing ${name} twice assigned other variables or returned other tensors. ${ADVICE}`);
  }
}
