/**
 * What JavaScript itself cannot ask of a function or an object: the variables that a function closes over, private fields, entries of weak maps. V8's inspector
 * tells, in this thread. Where Node was built without it, or another part of it fails, nothing is told (`inspector` is undefined).
 */
import { createRequire } from 'node:module';
import type * as inspectorTypes from 'node:inspector';

type Inspector = typeof inspectorTypes;
interface RemoteObject {
  objectId?: string;
  subtype?: string;
  value?: unknown;
}
interface Property {
  name: string;
  value?: RemoteObject;
}
interface Properties {
  result: Property[];
  internalProperties?: Property[];
  privateProperties?: Property[];
}
/** A function that is about to run its first line. */
export interface Frame {
  callFrameId: string;
  location: string;
}
/** Variables of one scope around a function, as they are at this moment. */
export interface Scope {
  /** `Closure (makeStep)`, `Module`, `Script`, `Global`, ... */
  description: string;
  object: Record<string, unknown>;
}

const CHANNEL = Symbol.for('l2-dynamics.compute.watch');
const CHANNEL_SOURCE = `globalThis[Symbol.for(${JSON.stringify(CHANNEL.description)})]`;
const GROUP = 'l2-dynamics.compute.watch';
const channel: { given?: unknown; taken?: unknown } = {};
/** Where a breakpoint is already, V8 says so by an error. */
const ALREADY = /already exists/;

class Reader {
  readonly #session: InstanceType<Inspector['Session']>;
  readonly #urls = new Map<string, string>();
  #enabled = 0;
  #asking = 0;
  #onPause: ((frame: Frame) => void) | undefined;

  constructor(session: InstanceType<Inspector['Session']>) {
    this.#session = session;
    session.connect();
    session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => this.#urls.set(scriptId, url));
    session.on('Debugger.paused', ({ params: { callFrames } }) => {
      try {
        const [frame] = callFrames;
        const at = frame?.functionLocation;
        if (frame && at) {
          this.#onPause?.({
            callFrameId: frame.callFrameId,
            location: `${at.scriptId}:${at.lineNumber}:${at.columnNumber ?? 0}`,
          });
        }
      } finally {
        this.#post('Debugger.resume');
      }
    });
  }

  /** @throws Error where the inspector refuses */
  #post(method: string, params: object = {}): unknown {
    let reply: unknown;
    let failure: Error | undefined;
    this.#session.post(method, params, (error, result) => {
      if (error) failure = new Error(`${method}: ${error.message}`);
      reply = result;
    });
    if (failure) throw failure;
    return reply;
  }

  /** The object for the inspector, until `asking` is over. */
  #idOf(value: object): string {
    channel.given = value;
    const { result } = this.#post('Runtime.evaluate', {
      expression: `${CHANNEL_SOURCE}.given`,
      objectGroup: GROUP,
    }) as { result: RemoteObject };
    return result.objectId as string;
  }

  #valuesOf(remotes: readonly (RemoteObject | undefined)[]): unknown[] {
    this.#post('Runtime.callFunctionOn', {
      objectId: this.#idOf(channel),
      functionDeclaration: 'function (...values) { this.taken = values; }',
      arguments: remotes.map((remote) =>
        remote?.objectId === undefined ? { value: remote?.value } : { objectId: remote.objectId },
      ),
    });
    return channel.taken as unknown[];
  }

  #propertiesOf(value: object): Properties {
    return this.#post('Runtime.getProperties', { objectId: this.#idOf(value), ownProperties: true }) as Properties;
  }

  /** Everything below is asked inside `asking`, or inside `reading`, which costs 10 ms and more. */
  asking<T>(ask: () => T): T {
    if (this.#asking++ === 0) (globalThis as Record<symbol, unknown>)[CHANNEL] = channel;
    try {
      return ask();
    } finally {
      if (--this.#asking === 0) {
        this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
        delete (globalThis as Record<symbol, unknown>)[CHANNEL];
        channel.given = channel.taken = undefined;
      }
    }
  }

  /**
   * While it lasts, V8 tells the scripts' addresses and stops at breakpoints.
   * @param onPause called at a breakpoint, before the function's first line
   */
  reading<T>(onPause: (frame: Frame) => void, read: () => T): T {
    const outer = this.#onPause;
    this.#onPause = onPause;
    return this.asking(() => {
      if (this.#enabled++ === 0) this.#post('Debugger.enable');
      try {
        return read();
      } finally {
        if (--this.#enabled === 0) this.#post('Debugger.disable');
        this.#onPause = outer;
      }
    });
  }

  /** Address of the script that a function is of, its place, and the scopes around it, the innermost first. */
  closureOf(fn: object): { url: string; location: string; scopes: Scope[] } {
    const { internalProperties = [] } = this.#propertiesOf(fn);
    const at = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as
      { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
    const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value;
    return {
      url: at ? (this.#urls.get(at.scriptId) ?? '') : 'node:',
      location: at ? `${at.scriptId}:${at.lineNumber}:${at.columnNumber}` : '',
      // V8's own list, which has no prototype.
      scopes: scopes ? (Array.prototype.slice.call(this.#valuesOf([scopes])[0]) as Scope[]) : [],
    };
  }

  /** Slots that only V8 sees: `[[Entries]]`, `[[Target]]`, `[[BoundThis]]`, ... and private fields, by name. */
  hiddenOf(value: object): Map<string, unknown> {
    const { internalProperties = [], privateProperties = [] } = this.#propertiesOf(value);
    const slots = [...internalProperties.filter(({ name }) => name !== '[[Prototype]]'), ...privateProperties].filter(
      (slot) => slot.value,
    );
    const values = this.#valuesOf(slots.map((slot) => slot.value));
    return new Map(slots.map(({ name }, i) => [name, values[i]]));
  }

  /** From now on a call of `fn` pauses; undefined where its code does so already, or cannot. */
  breakAt(fn: object): string | undefined {
    try {
      const reply = this.#post('Debugger.setBreakpointOnFunctionCall', {
        objectId: this.#idOf(fn),
      });
      return (reply as { breakpointId: string }).breakpointId;
    } catch (error) {
      if (ALREADY.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  unbreak(breakpointId: string): void {
    this.#post('Debugger.removeBreakpoint', { breakpointId });
  }

  /** The value of an expression in a frame; undefined where it throws. */
  evaluateIn({ callFrameId }: Frame, expression: string): unknown {
    channel.taken = undefined;
    this.#post('Debugger.evaluateOnCallFrame', {
      callFrameId,
      expression: `${CHANNEL_SOURCE}.taken = (${expression})`,
      silent: true,
    });
    return channel.taken;
  }
}

function open(): Reader | undefined {
  try {
    const { Session } = createRequire(import.meta.url)('node:inspector') as Inspector;
    return new Reader(new Session());
  } catch {
    return undefined; // built without it, or not permitted
  }
}

let opened: { reader: Reader | undefined } | undefined;

/** The reader of this thread, if there is one. */
export const inspector = (): Reader | undefined => (opened ??= { reader: open() }).reader;
