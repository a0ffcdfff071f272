import {
  lower,
  prepare,
  problemReport,
  readCell,
  rewrite,
  toCodePoints,
  toPosition,
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

/** Runs cells one after the other, in the order in which they were asked for. */
export class Executor {
  readonly #kernel: KernelContext;
  readonly #begin: (request: Message) => void;
  readonly #state: ExecutionState;
  #queue: Queued[] = [];
  #busy = false;
  /** The cell that is being read and checked, which an interrupt must keep from running. */
  #preparing: { interrupted: boolean } | undefined;

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
    if (this.#preparing !== undefined) this.#preparing.interrupted = true;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { request, aborted, done } = next;
      this.#begin(request);
      const reply = aborted
        ? { status: 'aborted', execution_count: this.#state.executionCount }
        : await this.#run(request);
      if (reply['status'] === 'error' && request.content['stop_on_error'] !== false) {
        // What was sent before the error may still be on its way through the socket.
        await new Promise((resolve) => setTimeout(resolve, 5));
        for (const queued of this.#queue) queued.aborted = true;
      }
      done(reply);
    }
    this.#busy = false;
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
      const { name, message, stack } = error as Error;
      const report = { ename: name, evalue: message, traceback: (stack ?? message).split('\n') };
      if (!silent) this.#publish(request, 'error', report);
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
    const { source, check } = prepare(code);
    if (check !== undefined) this.#state.check = check;
    const preparing = (this.#preparing = { interrupted: false });
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
    const [lowered, { errors: problems, hints }] = await Promise.all([
      lower(cell, this.#kernel.folder),
      this.#problems(cell),
    ]);
    this.#preparing = undefined;
    if (preparing.interrupted) return refuse(INTERRUPTED);
    if (problems.length > 0) {
      const report = problemReport('TypeScriptError', problems, code, count);
      if (this.#state.check === 'on') return refuse(report);
      if (!silent) this.#kernel.output.stream(request.header, 'stderr', `${report.traceback.join('\n')}\n`);
    }
    if (!silent) for (const hint of hints) this.#hint(request, hint);
    this.#kernel.trace(`cell ${id} is checked`);
    const { code: script, map } = rewrite(lowered.code, id);
    this.#kernel.types.commit(cell);
    const maps = lowered.map === undefined ? [map] : [map, lowered.map];
    const allowStdin = request.content['allow_stdin'] === true;
    const outcome = await this.#kernel.session.run({
      id,
      code: script,
      source: code,
      executionCount: count,
      maps,
      allowStdin,
      path: cellPath(code),
    });
    this.#kernel.types.settle(cell, outcome.status === 'ok');
    this.#kernel.trace(`cell ${id} has run: ${outcome.status}`);
    if (outcome.status === 'died') {
      this.#kernel.restartSession();
      return refuse(deathReport(outcome.ending ?? 'unknown'));
    }
    return outcome.report;
  }

  /** Values asked for besides the cell's own: each is run as a cell whose outputs nobody sees. */
  async #expressions(request: Message): Promise<Content> {
    const values: Content = {};
    for (const [name, expression] of Object.entries((request.content['user_expressions'] ?? {}) as Content)) {
      values[name] = await this.#expression(request, String(expression));
    }
    return values;
  }

  async #expression(request: Message, source: string): Promise<Content> {
    const id = this.#kernel.adopt(request, 'captured');
    try {
      const { code, map } = rewrite((await lower(readCell(source), this.#kernel.folder)).code, id);
      const { executionCount } = this.#state;
      const cell = { id, code, source, executionCount, maps: [map], allowStdin: false, path: cellPath(source) };
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

  async #problems(cell: Cell): Promise<Checked> {
    if (this.#state.check === 'off') return UNLOOKED;
    try {
      return await this.#kernel.types.check(cell);
    } catch (error) {
      // Without a type server cells still run; the log says why nothing was checked.
      this.#kernel.log(`types were not checked: ${(error as Error).message}`);
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

/** No TypeScript: a name with a question mark before or behind it. */
const QUESTION = /^\s*(?:\?{1,2}\s*([\w$.]+)|([\w$.]+)\s*\?{1,2})\s*$/;

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
