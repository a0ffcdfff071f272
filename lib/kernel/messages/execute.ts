import {
  adviseInstall,
  lower,
  missingPackages,
  prepare,
  problemReport,
  QUESTION,
  readCell,
  readNpm,
  rewrite,
  splitAtImport,
  SourceError,
  toCodePoints,
  toPosition,
  TOO_DEEP,
  type Cell,
  type Checked,
  type CheckMode,
  type Diagnostic,
} from '../language/index.ts';
import type { ErrorReport } from '../session/protocol.ts';
import { cellPath } from './debug.ts';
import { inspect } from './inspect.ts';
import { errorReply, textField, type Content, type KernelContext, type Message } from './kernel.ts';

export interface ExecutionState {
  executionCount: number;
  check: CheckMode;
  /** What has been said. */
  hints: Set<string>;
}

interface Queued {
  request: Message;
  aborted: boolean;
  done(reply: Content): void;
}

/** One request's code on its way. */
interface RunningCode {
  request: Message;
  id: number;
  count: number;
  /** As the user wrote it. */
  code: string;
  /** Publishes an error, and gives it back. */
  refuse(report: ErrorReport): ErrorReport;
  /** What it imports as `npm:name@version`. */
  packages: string[];
}

/** Runs cells one after the other, in the order in which they were asked for. */
export class Executor {
  readonly #kernel: KernelContext;
  readonly #begin: (request: Message) => void;
  readonly #state: ExecutionState;
  #queue: Queued[] = [];
  #busy = false;
  /** When the last error that aborts what was sent before it was told. */
  #failed = -Infinity;
  /** The cell that is being read and checked, which an interrupt must keep from running. */
  #interruptPreparing: () => void = () => {};

  /**
   * @param state shared by the main queue and its subshells
   * @param begin called when a request's turn has come, before anything of it is published
   */
  constructor(kernel: KernelContext, state: ExecutionState, begin: (request: Message) => void) {
    this.#kernel = kernel;
    this.#state = state;
    this.#begin = begin;
  }

  execute(request: Message): Promise<Content> {
    return new Promise((done) => {
      this.#queue.push({ request, aborted: false, done });
      if (!this.#busy) void this.#work();
    });
  }

  interrupt(): void {
    this.#interruptPreparing();
  }

  /** @returns undefined where an interrupt comes before the cell is read and checked */
  async #unlessInterrupted<T>(preparing: Promise<T>): Promise<T | undefined> {
    const { promise: interrupted, resolve } = Promise.withResolvers<undefined>();
    this.#interruptPreparing = () => resolve(undefined);
    preparing.catch(() => {});
    try {
      return await Promise.race([interrupted, preparing]);
    } finally {
      this.#interruptPreparing = () => {};
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#next(next);
    } finally {
      this.#busy = false;
    }
  }

  /** Whatever a request holds, it is answered, and the next one has its turn. */
  async #next({ request, aborted, done }: Queued): Promise<void> {
    let reply: Content;
    try {
      this.#begin(request);
      reply =
        aborted || this.#wasAborted(request)
          ? { status: 'aborted', execution_count: this.#state.executionCount }
          : await this.#run(request);
    } catch (error) {
      this.#kernel.log(`a cell could not be run: ${(error as Error).stack}`);
      reply = { ...errorReply(error), execution_count: this.#state.executionCount };
    }
    if (reply['status'] === 'error' && request.content['stop_on_error'] !== false) await this.#abortEarlier();
    done(reply);
  }

  /** After an error: what was sent before its reply is not run, whether it has come in or is still on its way. */
  async #abortEarlier(): Promise<void> {
    await this.#kernel.received();
    for (const queued of this.#queue) queued.aborted = true;
    this.#failed = this.#kernel.now();
  }

  #wasAborted(request: Message): boolean {
    const sent = this.#kernel.sent(request);
    return sent !== undefined && sent < this.#failed;
  }

  async #run(request: Message): Promise<Content> {
    const { content } = request;
    const silent = content['silent'] === true;
    const code = textField(content, 'code');
    const counted = !silent && content['store_history'] !== false;
    if (counted) this.#state.executionCount++;
    const count = this.#state.executionCount;
    if (counted) this.#kernel.history.add(count, code);
    const id = this.#kernel.adopt(request, silent ? 'silent' : 'shown');
    if (!silent) this.#publish(request, 'execute_input', { code, execution_count: count });
    const asked = QUESTION.exec(code);
    if (asked !== null) return this.#explain(request, asked[1] ?? asked[2] ?? '', code.includes('??'));
    try {
      const report = code.trim() === '' ? undefined : await this.#runCode(request, id, count, code);
      if (report !== undefined) return { status: 'error', execution_count: count, ...report };
    } catch (error) {
      const report = error instanceof SourceError ? sourceReport(error, code, count) : plainReport(error);
      if (!silent) this.#publish(request, 'error', { ...report });
      return { status: 'error', execution_count: count, ...report };
    }
    return { status: 'ok', execution_count: count, payload: [], user_expressions: await this.#expressions(request) };
  }

  /** `?name` or `name?`: what is known of it, in the front end's pager; `??` with its source and its value. */
  async #explain(request: Message, name: string, fully: boolean): Promise<Content> {
    const content = { code: name, cursor_pos: toCodePoints(name, name.length), detail_level: fully ? 1 : 0 };
    const { found, data } = (await inspect({ ...request, content }, this.#kernel)) ?? {};
    const shown = found === true ? data : { 'text/plain': `nothing is known of "${name}"` };
    const payload = [{ source: 'page', data: shown, start: 0 }];
    return { status: 'ok', execution_count: this.#state.executionCount, payload, user_expressions: {} };
  }

  /** @returns what went wrong, already published; undefined where nothing did. */
  async #runCode(request: Message, id: number, count: number, code: string): Promise<ErrorReport | undefined> {
    const silent = request.content['silent'] === true;
    const refuse = (report: ErrorReport): ErrorReport => {
      if (!silent) this.#publish(request, 'error', { ...report });
      return report;
    };
    const prepared = prepare(code, () => this.#kernel.types.names);
    const { check, reset } = prepared;
    const { source, packages } = readNpm(prepared.source);
    if (reset === true) this.#kernel.restartSession();
    if (check !== undefined) this.#state.check = check;
    const running = { request, id, count, code, refuse, packages };
    const missing =
      process.env['TYPESCRIPT_KERNEL_NPM'] === 'install' ? missingPackages(packages, this.#kernel.folder) : [];
    let next: ErrorReport | string | undefined;
    if (missing.length > 0) {
      const failed = await this.#runPart(running, `await cell.magic('npm', 'install ${missing.join(' ')}');;`);
      if (failed !== undefined && typeof failed !== 'string') return failed;
      next = source;
    } else next = await this.#runPart(running, source);
    // What the first lines have made can be imported now.
    while (typeof next === 'string') {
      next = await this.#runPart({ ...running, id: this.#kernel.adopt(request, silent ? 'silent' : 'shown') }, next);
    }
    return next;
  }

  /** @returns what went wrong; or the part of the cell that is still to be run, once this has run what it imports */
  async #runPart(running: RunningCode, source: string): Promise<ErrorReport | string | undefined> {
    const { request, id, count, code, refuse, packages } = running;
    const silent = request.content['silent'] === true;
    const cell = readCell(source);
    cell.react = this.#kernel.types.usesReact(cell);
    if (cell.problems.length > 0) {
      return refuse(
        problemReport(
          'SyntaxError',
          cell.problems.map((problem) => asDiagnostic(problem, code)),
          code,
          count,
        ),
      );
    }
    const prepared = await this.#unlessInterrupted(
      Promise.all([lower(cell, this.#kernel.folder), this.#problems(request, cell)]),
    );
    if (prepared === undefined) return refuse(INTERRUPTED);
    const [lowered, { errors: problems, hints }] = prepared;
    const parts = splitAtImport(cell, problems);
    if (parts !== undefined && (await this.#problems(request, readCell(parts.first))).errors.length === 0) {
      return (await this.#runPart(running, parts.first)) ?? parts.rest;
    }
    if (problems.length > 0) {
      const report = problemReport('TypeScriptError', adviseInstall(problems, packages), code, count);
      if (this.#state.check === 'on') return refuse(report);
      if (!silent) this.#kernel.output.stream(request.header, 'stderr', `${report.traceback.join('\n')}\n`);
    }
    if (!silent) for (const hint of hints) this.#hint(request, hint);
    this.#kernel.trace(`cell ${id} is checked`);
    const { code: script, map, declared, unknown } = rewrite(lowered.code, id, this.#kernel.names);
    this.#kernel.names.declare(declared);
    this.#kernel.types.commit(cell);
    const maps = lowered.map === undefined ? [map] : [map, lowered.map];
    const allowStdin = request.content['allow_stdin'] === true;
    const outcome = await this.#kernel.session.run({
      id,
      code: script,
      unknown,
      source: code,
      executionCount: count,
      maps,
      allowStdin,
      numbered: !silent && request.content['store_history'] !== false,
      path: cellPath(code),
    });
    this.#kernel.types.settle(cell, outcome.status === 'ok');
    this.#kernel.trace(`cell ${id} has run: ${outcome.status}`);
    if (outcome.status === 'died') {
      this.#kernel.restartSession();
      return refuse(deathReport(outcome.ending ?? 'unknown'));
    }
    if (outcome.status === 'error') {
      const missing = await this.#kernel.session.ask('unbound', { names: declared });
      this.#kernel.names.forget(Array.isArray(missing) ? (missing as string[]) : []);
    }
    return outcome.report;
  }

  /** Values asked for besides the cell's own: each is run as a cell whose outputs nobody sees. */
  async #expressions(request: Message): Promise<Content> {
    const values: Content = {};
    for (const [name, expression] of Object.entries((request.content['user_expressions'] ?? {}) as Content)) {
      values[name] =
        typeof expression === 'string'
          ? await this.#expression(request, expression)
          : errorReply(new TypeError(`the expression "${name}" is no text`));
    }
    return values;
  }

  async #expression(request: Message, source: string): Promise<Content> {
    const id = this.#kernel.adopt(request, 'captured');
    try {
      const lowered = await lower(readCell(source), this.#kernel.folder);
      const { code, map, unknown } = rewrite(lowered.code, id, this.#kernel.names);
      const { executionCount } = this.#state;
      const cell = {
        id,
        code,
        unknown,
        source,
        executionCount,
        maps: [map],
        allowStdin: false,
        numbered: false,
        path: cellPath(source),
      };
      const { report } = await this.#kernel.session.run(cell);
      if (report !== undefined) return { status: 'error', ...report };
      return { status: 'ok', data: this.#kernel.captured(id) ?? { 'text/plain': 'undefined' }, metadata: {} };
    } catch (error) {
      return errorReply(error);
    }
  }

  /** Says something once, under the cell that it comes up in. */
  #hint(request: Message, hint: string): void {
    if (this.#state.hints.has(hint)) return;
    this.#state.hints.add(hint);
    this.#kernel.output.stream(request.header, 'stderr', `hint: ${hint}\n`);
  }

  async #problems(request: Message, cell: Cell): Promise<Checked> {
    if (this.#state.check === 'off') return UNLOOKED;
    try {
      return await this.#kernel.types.check(cell);
    } catch (error) {
      // Without a type server cells still run, and the user is told that nobody looked at their types.
      const text = `the types of this cell were not checked: ${(error as Error).message}\n`;
      this.#kernel.log(text.trim());
      if (request.content['silent'] !== true) this.#kernel.output.stream(request.header, 'stderr', text);
      return UNLOOKED;
    }
  }

  #publish(request: Message, type: string, content: Content): void {
    this.#kernel.output.publish(request.header, type, content);
  }
}

function asDiagnostic(
  { message, start, end }: { message: string; start: number; end: number },
  code: string,
): Diagnostic {
  return { message, code: 0, start: toPosition(code, start), end: toPosition(code, end) };
}

function sourceReport({ message, place }: SourceError, code: string, count: number): ErrorReport {
  return problemReport('SyntaxError', [{ message, code: 0, start: place, end: place }], code, count);
}

/** Without the kernel's own frames, which tell the user nothing. */
function plainReport(error: unknown): ErrorReport {
  const known = error instanceof RangeError && /call stack/.test(error.message) ? new SyntaxError(TOO_DEEP) : error;
  const { name, message } = known instanceof Error ? known : new Error(String(known));
  return { ename: name, evalue: message, traceback: [`\u001b[31m${name}\u001b[39m: ${message}`] };
}

const UNLOOKED: Checked = { errors: [], hints: [] };

const INTERRUPTED: ErrorReport = {
  ename: 'InterruptError',
  evalue: 'the cell was interrupted',
  traceback: ['\u001b[31mInterruptError\u001b[39m: the cell was interrupted before it began'],
};

function deathReport(ending: string): ErrorReport {
  const evalue = `the session process ended (${ending}); variables are lost, and the next cell runs in a fresh session`;
  return { ename: 'SessionEnded', evalue, traceback: [`\u001b[31mSessionEnded\u001b[39m: ${evalue}`] };
}
