import type { Session } from 'node:inspector';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asWritten, MARK, RUNTIME, unmarked } from '../language/names.ts';
import { Traces } from './errors.ts';
import type { NameInExpression } from '../language/rewrite.ts';
import type { CellCode } from './protocol.ts';

type Arguments = Record<string, unknown>;

export interface DebugRequest {
  command: string;
  arguments?: Arguments;
}
export interface DebugAnswer {
  success: boolean;
  message?: string;
  body: Arguments;
}

interface Remote {
  type: string;
  subtype?: string;
  description?: string;
  value?: unknown;
  unserializableValue?: string;
  objectId?: string;
}
interface CallFrame {
  callFrameId: string;
  functionName: string;
  url: string;
  location: { scriptId: string; lineNumber: number; columnNumber?: number };
  scopeChain: { type: string; name?: string; object: Remote }[];
}
interface Breakpoint {
  line: number;
}

const CELL_URL = /^typescript-cell:(\d+)$/;
/** So often a thread that a session of its own has paused is told to go on. */
const ATTEMPTS = 3;
const KERNEL_FILES = new URL('..', import.meta.url).href;
const SCOPES: Record<string, string> = {
  local: 'Local',
  block: 'Block',
  closure: 'Closure',
  script: 'Cells',
  module: 'Module',
};

/** The Debug Adapter Protocol, as far as front ends use it, over V8's inspector; lives in the controller thread. */
export class Debugger {
  readonly #inspector: Session;
  readonly #emit: (event: string, body: Arguments) => void;
  readonly #traces = new Traces();
  readonly #urls = new Map<string, string>();
  readonly #pathOf = new Map<number, string>();
  /** What is evaluated of the cells that ran while a debugger was attached. */
  readonly #lines = new Map<number, string[]>();
  /** Breakpoints asked for, by the path of a cell or a file. */
  readonly #wanted = new Map<string, Breakpoint[]>();
  readonly #set = new Map<string, string[]>();
  #frames: CallFrame[] = [];
  #handles: string[] = [];
  #owing = 0;
  #goingOn = false;
  attached = false;
  paused = false;

  constructor(inspector: Session, emit: (event: string, body: Arguments) => void) {
    this.#inspector = inspector;
    this.#emit = emit;
    inspector.on('Debugger.paused', ({ params }) => {
      if (this.attached) this.#onPaused(params as unknown as { callFrames: CallFrame[]; reason: string });
    });
    inspector.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => {
      this.#urls.set(scriptId, url);
    });
    inspector.on('Debugger.resumed', () => this.#onResumed());
  }

  /** Called before a cell is evaluated: its breakpoints must be there first. */
  async prepare(cell: CellCode): Promise<void> {
    this.#traces.add(cell);
    this.#pathOf.set(cell.id, cell.path);
    if (!this.attached) return;
    this.#lines.set(cell.id, cell.code.split('\n'));
    for (const { line } of this.#wanted.get(cell.path) ?? []) await this.#setInCell(cell, line);
  }

  async answer({ command, arguments: given = {} }: DebugRequest): Promise<DebugAnswer> {
    const handler = this.#commands[command];
    if (handler === undefined)
      return { success: false, message: `"${command}" is not known to this debugger`, body: {} };
    try {
      return { success: true, body: (await handler(given)) ?? {} };
    } catch (error) {
      return { success: false, message: (error as Error).message, body: {} };
    }
  }

  async resume(): Promise<void> {
    // It may have gone on by itself in the meantime.
    if (this.paused) await this.#post('Debugger.resume').catch(() => {});
  }

  /** The thread is paused by a session of its own, or about to be: lets it go on as that session has said. */
  async goOn(): Promise<void> {
    this.#owing = ATTEMPTS;
    if (this.#goingOn) return;
    this.#goingOn = true;
    // More than once, since the thread may not have begun to wait.
    for (; this.#owing > 0; this.#owing--) {
      if (!this.attached) await this.#post('Debugger.enable').catch(() => {});
      await this.#post('Debugger.resume').catch(() => {});
      if (!this.attached) await this.#post('Debugger.disable').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, this.#owing === ATTEMPTS ? 1 : 20));
    }
    this.#goingOn = false;
  }

  readonly #commands: Record<string, (given: Arguments) => Promise<Arguments | void>> = {
    initialize: async () => {
      setTimeout(() => this.#emit('initialized', {}), 0);
      return {
        supportsConfigurationDoneRequest: true,
        supportsEvaluateForHovers: true,
        exceptionBreakpointFilters: [
          { filter: 'uncaught', label: 'Uncaught exceptions', default: false },
          { filter: 'all', label: 'All exceptions', default: false },
        ],
      };
    },
    attach: () => this.#attach(),
    configurationDone: async () => {},
    disconnect: () => this.#detach(),
    terminate: () => this.#detach(),
    setBreakpoints: (given) => this.#setBreakpoints(given),
    setExceptionBreakpoints: async ({ filters }) => {
      const chosen = Array.isArray(filters) ? filters : [];
      const state = chosen.includes('all') ? 'all' : chosen.includes('uncaught') ? 'uncaught' : 'none';
      await this.#post('Debugger.setPauseOnExceptions', { state });
    },
    threads: async () => ({ threads: [{ id: 1, name: 'main' }] }),
    stackTrace: async () => {
      const stackFrames = this.#frames
        .map((frame, id) => this.#describe(frame, id + 1))
        .filter((frame) => frame !== undefined);
      return { stackFrames, totalFrames: stackFrames.length };
    },
    scopes: async ({ frameId }) => {
      const chain = this.#frames[Number(frameId) - 1]?.scopeChain ?? [];
      const scopes = chain
        .filter(({ type }) => type in SCOPES)
        .map(({ type, object }) => ({
          name: SCOPES[type],
          variablesReference: this.#handle(object),
          expensive: type === 'script',
        }));
      return { scopes };
    },
    variables: async ({ variablesReference }) => ({
      variables: await this.#variables(this.#handles[Number(variablesReference) - 1]),
    }),
    evaluate: async ({ expression, frameId, cellNames }) => {
      const result = await this.#evaluate(String(expression), frameId, cellNames);
      return { result: textOf(result), type: result.type, variablesReference: this.#handle(result) };
    },
    inspectVariables: async () => ({ variables: await this.#globals() }),
    richInspectVariables: async ({ variableName, frameId, cellNames }) => {
      const result = await this.#evaluate(String(variableName), frameId, cellNames);
      return { data: { 'text/plain': textOf(result) }, metadata: {} };
    },
    copyToGlobals: async ({ srcVariableName, dstVariableName, srcFrameId }) => {
      await this.#evaluate(`globalThis[${JSON.stringify(dstVariableName)}] = ${String(srcVariableName)}`, srcFrameId);
    },
    modules: async () => ({ modules: [], totalModules: 0 }),
    pause: () => this.#post('Debugger.pause'),
    continue: () => this.#step('Debugger.resume'),
    next: () => this.#step('Debugger.stepOver'),
    stepIn: () => this.#step('Debugger.stepInto'),
    stepOut: () => this.#step('Debugger.stepOut'),
  };

  async #attach(): Promise<void> {
    await this.#post('Debugger.enable');
    await this.#post('Debugger.setAsyncCallStackDepth', { maxDepth: 8 });
    const patterns = ['^node:', `^${escapeRegExp(KERNEL_FILES)}`, '/node_modules/'];
    await this.#post('Debugger.setBlackboxPatterns', { patterns });
    this.attached = true;
  }

  async #detach(): Promise<void> {
    this.#wanted.clear();
    this.#set.clear();
    this.#lines.clear();
    this.attached = false;
    await this.resume();
    await this.#post('Debugger.disable');
  }

  async #setBreakpoints(given: Arguments): Promise<Arguments> {
    const path = (given['source'] as { path?: string } | undefined)?.path ?? '';
    const asked = ((given['breakpoints'] as Breakpoint[] | undefined) ?? []).map(({ line }) => ({ line }));
    for (const id of this.#set.get(path) ?? []) await this.#post('Debugger.removeBreakpoint', { breakpointId: id });
    this.#set.delete(path);
    this.#wanted.set(path, asked);
    const isCell = path.startsWith(CELL_PREFIX);
    if (!isCell) for (const { line } of asked) await this.#setInFile(path, line);
    return { breakpoints: asked.map(({ line }, at) => ({ id: at + 1, verified: true, line, source: { path } })) };
  }

  /** Local files keep their lines, and get a query when they are loaded anew. */
  async #setInFile(path: string, line: number): Promise<void> {
    const urlRegex = `^${escapeRegExp(pathToFileURL(path).href)}(\\?v=\\d+)?$`;
    await this.#setBreakpoint(path, { urlRegex, lineNumber: line - 1 });
  }

  async #setInCell(cell: CellCode, line: number): Promise<void> {
    const place = this.#generatedPlace(cell, line);
    if (place !== undefined) await this.#setBreakpoint(cell.path, { url: `typescript-cell:${cell.id}`, ...place });
  }

  async #setBreakpoint(path: string, where: Arguments): Promise<void> {
    const { breakpointId } = await this.#post<{ breakpointId: string }>('Debugger.setBreakpointByUrl', where);
    this.#set.set(path, [...(this.#set.get(path) ?? []), breakpointId]);
  }

  /** Where in the evaluated code the first thing stands that comes from a line of the cell, or from one below it. */
  #generatedPlace(cell: CellCode, line: number): { lineNumber: number; columnNumber: number } | undefined {
    let best: { from: number; lineNumber: number; columnNumber: number } | undefined;
    for (const [lineNumber, text] of cell.code.split('\n').entries()) {
      for (let columnNumber = 0; columnNumber < text.length; columnNumber++) {
        if (/\s/.test(text[columnNumber] as string)) continue;
        const from = this.#traces.locate(cell.id, lineNumber + 1, columnNumber + 1)?.line;
        if (from !== undefined && from >= line && (best === undefined || from < best.from)) {
          best = { from, lineNumber, columnNumber };
        }
      }
    }
    return best && { lineNumber: best.lineNumber, columnNumber: best.columnNumber };
  }

  #onPaused({ callFrames, reason }: { callFrames: CallFrame[]; reason: string }): void {
    // Frames of evaluated code carry no address; their script does.
    this.#frames = callFrames.map((frame) => ({
      ...frame,
      url: frame.url || (this.#urls.get(frame.location.scriptId) ?? ''),
    }));
    if (!this.#frames.some((frame, at) => this.#describe(frame, at) !== undefined)) {
      // Stepped out of everything that is the user's.
      void this.#post('Debugger.resume').catch(() => {});
      return;
    }
    if (this.#isBetweenStatements()) {
      void this.#post('Debugger.stepOver').catch(() => {});
      return;
    }
    this.paused = true;
    const why = reason === 'exception' || reason === 'promiseRejection' ? 'exception' : 'breakpoint';
    this.#emit('stopped', { reason: why, threadId: 1, allThreadsStopped: true });
  }

  /** Where the rewritten cell tells the runtime of its next statement: for the user there is nothing there. */
  #isBetweenStatements(): boolean {
    const { url = '', location } = this.#frames[0] ?? {};
    const line = this.#lines.get(Number(CELL_URL.exec(url)?.[1]))?.[location?.lineNumber ?? -1];
    return line?.startsWith(`${RUNTIME}.at(`, location?.columnNumber) === true;
  }

  #onResumed(): void {
    this.#frames = [];
    this.#handles = [];
    if (this.paused) this.#emit('continued', { threadId: 1, allThreadsContinued: true });
    this.paused = false;
  }

  async #step(method: string): Promise<Arguments> {
    await this.#post(method);
    return { allThreadsContinued: true };
  }

  #describe(frame: CallFrame, id: number): Arguments | undefined {
    const { lineNumber, columnNumber = 0 } = frame.location;
    const name = frame.functionName || '(cell)';
    const cell = CELL_URL.exec(frame.url)?.[1];
    if (cell !== undefined) {
      const place = this.#traces.locate(Number(cell), lineNumber + 1, columnNumber + 1);
      const path = this.#pathOf.get(Number(cell));
      if (place === undefined || path === undefined) return undefined;
      return { id, name, ...place, source: { path, name: path } };
    }
    if (!frame.url.startsWith('file:') || frame.url.startsWith(KERNEL_FILES) || frame.url.includes('/node_modules/')) {
      return undefined;
    }
    const path = fileURLToPath(frame.url.replace(/\?v=\d+$/, ''));
    return { id, name, line: lineNumber + 1, column: columnNumber + 1, source: { path, name: path } };
  }

  #handle({ objectId }: Remote): number {
    return objectId === undefined ? 0 : this.#handles.push(objectId);
  }

  async #variables(objectId: string | undefined): Promise<Arguments[]> {
    if (objectId === undefined) return [];
    const { result } = await this.#post<{ result: { name: string; value?: Remote }[] }>('Runtime.getProperties', {
      objectId,
      ownProperties: true,
    });
    return result.flatMap(({ name, value }) => (value === undefined ? [] : [this.#variable(name, value)]));
  }

  #variable(name: string, value: Remote): Arguments {
    const variablesReference = this.#handle(value);
    // JupyterLab shows the type instead of the value where there is one.
    const type = value.type === 'object' ? value.description : value.type === 'function' ? 'function' : undefined;
    const shown = unmarked(name);
    return { name: shown, evaluateName: shown, value: textOf(value), type, variablesReference };
  }

  /** @param cellNames where the expression speaks of names of cells, unless a name of the frame hides them */
  async #evaluate(written: string, frameId: unknown, cellNames: unknown = []): Promise<Remote> {
    const frame = this.#frames[Number(frameId ?? 0) - 1];
    const hidden = frame === undefined ? new Set<string>() : await this.#localNames(frame);
    const expression = (cellNames as NameInExpression[])
      .filter(({ name }) => !hidden.has(name))
      .toSorted((a, b) => b.start - a.start)
      .reduce((text, { start, end, text: name }) => text.slice(0, start) + name + text.slice(end), written);
    const { result, exceptionDetails } = await this.#post<{
      result: Remote;
      exceptionDetails?: { exception?: Remote };
    }>(
      frame === undefined ? 'Runtime.evaluate' : 'Debugger.evaluateOnCallFrame',
      frame === undefined ? { expression, replMode: true } : { expression, callFrameId: frame.callFrameId },
    );
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? 'the evaluation failed');
    return result;
  }

  async #localNames({ scopeChain }: CallFrame): Promise<Set<string>> {
    const names = new Set<string>();
    for (const { type, object } of scopeChain) {
      if (type === 'global' || type === 'script' || object.objectId === undefined) continue;
      const { result } = await this.#post<{ result: { name: string }[] }>('Runtime.getProperties', {
        objectId: object.objectId,
        ownProperties: true,
      });
      for (const { name } of result) names.add(name);
    }
    return names;
  }

  /** The names that cells have declared, for the list of variables beside the notebook. */
  async #globals(): Promise<Arguments[]> {
    const { names: all } = await this.#post<{ names: string[] }>('Runtime.globalLexicalScopeNames');
    const names = all.filter((name) => name.endsWith(MARK));
    const found: Arguments[] = [];
    for (const name of names) {
      const value = await this.#evaluate(name, undefined).catch(() => undefined);
      if (value !== undefined) found.push(this.#variable(name, value));
    }
    return found;
  }

  #post<T>(method: string, params: Arguments = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#inspector.post(method, params, (error: Error | null, reply?: object) =>
        error === null ? resolve(reply as T) : reject(error),
      );
    });
  }
}

/** What the paths of cells begin with: they name no file. */
export const CELL_PREFIX = '/typescript-cells/';

function textOf({ value, unserializableValue, description, type }: Remote): string {
  if (type === 'string') return JSON.stringify(value);
  return unserializableValue ?? (description === undefined ? String(value) : asWritten(description));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
